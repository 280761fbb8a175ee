"""Makes an act on many assets undoable: what was said of each before is kept, and put back.

An undo is one transaction. It leaves alone what was changed again since, and counts it. The journal
is in the database only (library/acts.py): a rebuild forgets it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from albums.curate import corrections
from albums.curate.corrections import Undone
from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe_all, pay
from albums.errors import Conflict, NotFound
from albums.library import acts as kept
from albums.library.acts import Aspect, Change, PastAct, Said
from albums.library.assets import assets_by_id, now
from albums.library.collections import write_file
from albums.library.corrections import corrections as all_corrections
from albums.library.duplicate_pairs import NOT
from albums.library.facts import settle_all
from albums.library.looks import LOOKS, hide_kept_out
from albums.library.stacks import restack
from albums.vault.durable import replace_synced

__all__ = ["PastAct", "Undone", "last_acts", "undo", "undoable"]
_TIMES = "times"  # the kind of a correction, which keeps its own journal
_STACKING = {("claim", "stack"), ("claim", "stack_top"), ("trash", "")}
_Changes = Mapping[int, Mapping[Aspect, Change]]


@contextmanager
def undoable(
    rooms: Rooms, db: sqlite3.Connection, kind: str, words: str, asset_ids: Iterable[int]
) -> Iterator[str]:
    """Within a write transaction, around all that an act does to these assets. Gives the id by
    which it is undone; nothing is kept where nothing changed.

    `words` say what was done, for a person: "tagged beach". The act itself is for the caller to
    audit, to settle and to owe.
    """
    ids, act_id = list(asset_ids), secrets.token_hex(5)
    before, collections = kept.said_of(db, ids), _collections(db)
    yield act_id
    after = kept.said_of(db, ids)
    changes = {
        asset_id: changed
        for asset_id, said in after.items()
        if (changed := kept.changes_between(before.get(asset_id, {}), said))
    }
    made = _collections(db) - collections
    if changes or made:
        act = PastAct(act_id, now(), rooms.actor, kind, words, len(changes), None, 0)
        kept.keep_act(db, act, changes, made)


def undo(rooms: Rooms, act_id: str) -> Undone:
    """Put back what an act changed, but where something was changed again since. Raises NotFound,
    and Conflict where it was undone before."""
    with rooms.library.write() as db:
        past = kept.act(db, act_id)
        if past is not None:
            undone = _undo(rooms, db, past)
    if past is None:
        return _undo_correction(rooms, act_id)
    pay(rooms)
    return undone


def last_acts(db: sqlite3.Connection, limit: int) -> list[PastAct]:
    """The newest first, corrections of times among them."""
    times = [
        PastAct(c.id, c.at, c.actor, _TIMES, c.how, c.assets, c.undone_at, c.left)
        for c in all_corrections(db, limit)
    ]
    every = sorted([*kept.acts(db, limit), *times], key=lambda act: act.at[:19], reverse=True)
    return every[:limit]


def _undo_correction(rooms: Rooms, act_id: str) -> Undone:
    try:
        return corrections.undo(rooms, act_id)
    except NotFound as error:
        raise NotFound(
            f"There is no act {act_id[:50]!r}",
            why="It is older than what is kept, or never was",
        ) from error


def _undo(rooms: Rooms, db: sqlite3.Connection, past: PastAct) -> Undone:
    if past.undone_at:
        raise Conflict(f"This was undone at {past.undone_at[:16]}")
    changes = kept.changes_of(db, past.id)
    said = kept.said_of(db, changes)
    back = {i: each for i, each in changes.items() if _still_holds(each, said[i])}
    left = len(changes) - len(back)
    _put_back(rooms, db, back)
    _put_collections_back(rooms, db, past.id, back)
    _follow(rooms, db, back)
    kept.note_undone(db, past.id, left)
    rooms.audit.record(
        db, rooms.actor, "undid", act=past.id, words=past.words, assets=len(back), left=left
    )
    return Undone(past.id, len(back), left)


def _still_holds(changes: Mapping[Aspect, Change], said: Said) -> bool:
    """Nothing of it was changed again. What machines say counts for nothing, nor does it where in a
    collection an asset lies by now."""
    for (kind, which), (_, after) in changes.items():
        current = said.get((kind, which))
        same = (current is None) == (after is None) if kind == "collection" else current == after
        if kind != "machine-tag" and not same:
            return False
    return True


# --- put back, one table after the other


def _put_back(rooms: Rooms, db: sqlite3.Connection, changes: _Changes) -> None:
    gone: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _REMOVE}
    said: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _REMOVE}
    for asset_id, each in changes.items():
        for (kind, which), (before, after) in each.items():
            if kind in gone and after is not None:
                gone[kind].append((asset_id, which))
            if kind in said and before is not None:
                said[kind].append((asset_id, which, *before))
    for kind in _REMOVE:
        db.executemany(_REMOVE[kind], gone[kind])
        db.executemany(_SAY[kind], said[kind])
    _audit_trash(rooms, db, gone["trash"], said["trash"])


_REMOVE = {
    "claim": "delete from claims where asset_id = ? and field = ? and source = 'person'",
    "caption": "delete from captions where asset_id = ? and author = 'person' and '' = ?",
    "refused": "delete from refused_tags where asset_id = ? and tag = ?",
    "tag": "delete from tags where asset_id = ? and tag = ? and source = 'person'",
    "machine-tag": "delete from tags where asset_id = ? and source || ' ' || tag = ?",
    "trash": "update assets set trashed_at = null where id = ? and '' = ?",
    "collection": """delete from collection_assets where asset_id = ? and collection_id = (
                         select id from collections where id || ' ' || created_at = ?)""",
}
_SAY = {
    "claim": """insert into claims (asset_id, field, source, value, confidence, detail)
                values (?, ?, 'person', ?, ?, ?)""",
    "caption": """insert into captions
                      (asset_id, author, title, description, written_at)
                  values (?1, 'person' || ?2, ?3, ?4, ?5)""",
    "refused": "insert into refused_tags (asset_id, tag) select ?, ? where ?",
    "tag": "insert into tags (asset_id, tag, source, score) values (?, ?, 'person', ?)",
    "machine-tag": """insert or ignore into tags (asset_id, source, tag, score)
                      values (?1, substr(?2, 1, instr(?2, ' ') - 1),
                              substr(?2, instr(?2, ' ') + 1), ?3)""",
    "trash": "update assets set trashed_at = ?3 where id = ?1 and '' = ?2",
    "collection": """insert into collection_assets (asset_id, collection_id, position)
                     select ?, id, ?3 from collections where id || ' ' || created_at = ?2""",
}


def _audit_trash(
    rooms: Rooms,
    db: sqlite3.Connection,
    out: list[tuple[Any, ...]],
    back: list[tuple[Any, ...]],
) -> None:
    """Each by itself: the log says who threw away what, and since when it may be purged."""
    for action, these in (("restored", out), ("trashed", back)):
        for asset in assets_by_id(db, [asset_id for asset_id, *_ in these]):
            rooms.audit.record(db, rooms.actor, action, asset.sha)


def _put_collections_back(
    rooms: Rooms, db: sqlite3.Connection, act_id: str, changes: _Changes
) -> None:
    """Their file; collections that the act made go where nothing else was put into them."""
    taken_out = _taken_out(db, changes)
    touched = any(kind == "collection" for each in changes.values() for kind, _ in each)
    empty = db.execute(
        """delete from collections where id in (select value from json_each(?))
           and description = '' and query is null
           and id not in (select collection_id from collection_assets)""",
        (json.dumps(kept.made_by(db, act_id)),),
    ).rowcount
    if touched or empty:
        write_file(db, rooms.folder, replace_synced, *taken_out.items())


def _taken_out(db: sqlite3.Connection, changes: _Changes) -> dict[str, list[str]]:
    """SHA-256 of the assets that leave a collection, by its name."""
    leaving: dict[str, list[int]] = {}
    for asset_id, each in changes.items():
        for (kind, which), (before, _) in each.items():
            if kind == "collection" and before is None:
                leaving.setdefault(which, []).append(asset_id)
    names = dict(db.execute("select id || ' ' || created_at, name from collections").fetchall())
    return {
        names[which]: [asset.sha for asset in assets_by_id(db, ids)]
        for which, ids in leaving.items()
        if which in names
    }


def _collections(db: sqlite3.Connection) -> set[int]:
    return {row["id"] for row in db.execute("select id from collections")}


# --- what follows from it


def _follow(rooms: Rooms, db: sqlite3.Connection, changes: _Changes) -> None:
    """As after any change by the person: facts, looks, stacks, the pipeline, sidecars."""
    aspects = {asset_id: set(each) for asset_id, each in changes.items()}

    def with_any(*wanted: Aspect) -> list[int]:
        return [asset_id for asset_id, its in aspects.items() if not its.isdisjoint(wanted)]

    def of_kind(*kinds: str) -> list[int]:
        return [i for i, its in aspects.items() if any(kind in kinds for kind, _ in its)]

    of_looks = [("tag", look) for look in LOOKS] + [("refused", look) for look in LOOKS]
    hide_kept_out(db, with_any(*of_looks), rooms.home)
    settle_all(db, of_kind("claim"), rooms.home)
    if stacked := with_any(*_STACKING):
        restack(db, stacked)
    for step, ids in (
        ("facts", with_any(("claim", "location"))),  # where it was tells the zone of its time
        ("place", with_any(("claim", "location"))),
        ("zone", with_any(("claim", "captured_at"), ("trash", ""))),
        ("record", of_kind("refused")),  # a tag that was taken off is in the sidecar again
        ("words", of_kind("claim", "caption", "tag", "refused")),
        ("duplicates", with_any(("claim", NOT))),
    ):
        rooms.ledger.reopen(db, step, ids)
    owe_all(db, of_kind("claim", "caption", "tag", "refused", "trash"))
