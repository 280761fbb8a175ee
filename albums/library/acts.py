"""The journal of what can be undone: which acts there were, and what each changed of each asset.

It lives in the database alone: a rebuild forgets it, and keeps what the acts led to. What is purged
is gone from it, and so are acts that are older than `_DAYS` or not among the newest `_MOST`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from albums.library.assets import now

_DAYS, _MOST = 90, 100
_THESE = "asset_id in (select value from json_each(?))"

# Of what: claim, caption, tag, refused, machine-tag, trash, collection; and which of them.
Aspect = tuple[str, str]
Said = dict[Aspect, Any]  # JSON-able; what is not said is not there
Change = tuple[Any, Any]  # before and after; None: it was not said


@dataclass(frozen=True)
class PastAct:
    """One act on many assets. `left`: of them, how many an undo left alone."""

    id: str
    at: str  # UTC
    actor: str
    kind: str
    words: str
    assets: int
    undone_at: str | None
    left: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


# --- what is said of assets


def said_of(db: sqlite3.Connection, asset_ids: Iterable[int]) -> dict[int, Said]:
    """All that the person's acts can change, by asset; ids that are gone are left out."""
    these = json.dumps(sorted(set(asset_ids)))
    rows = db.execute(f"select id from assets where {_THESE.replace('asset_id', 'id')}", (these,))
    said: dict[int, Said] = {row["id"]: {} for row in rows}
    for kind, sql in _SAID.items():
        for asset_id, which, *value in db.execute(sql, (these,)):
            said[asset_id][kind, which] = value
    return said


def changes_between(before: Said, after: Said) -> dict[Aspect, Change]:
    return {
        aspect: (before.get(aspect), after.get(aspect))
        for aspect in before.keys() | after.keys()
        if before.get(aspect) != after.get(aspect)
    }


_SAID = {
    "claim": f"""select asset_id, field, value, confidence, detail from claims
                 where {_THESE} and source = 'person'""",
    "caption": f"""select asset_id, '', title, description, written_at from captions
                   where {_THESE} and author = 'person'""",
    "tag": f"select asset_id, tag, score from tags where {_THESE} and source = 'person'",
    "refused": f"select asset_id, tag, 1 from refused_tags where {_THESE}",
    "machine-tag": f"""select asset_id, source || ' ' || tag, score from tags
                       where {_THESE} and source != 'person'""",
    "trash": f"""select id as asset_id, '', trashed_at from assets
                 where {_THESE} and trashed_at is not null""",
    # A number may come again when its collection is gone.
    "collection": f"""select asset_id, id || ' ' || created_at, position
                      from collection_assets join collections on id = collection_id
                      where {_THESE}""",
}  # fmt: skip


# --- the journal


def keep_act(
    db: sqlite3.Connection,
    act: PastAct,
    changes: Mapping[int, Mapping[Aspect, Change]],
    made: Collection[int],
) -> None:
    """Write down an act, with the collections that it made; forget what is too old."""
    db.execute(
        """insert into acts (id, at, actor, kind, words, assets, made)
           values (?, ?, ?, ?, ?, ?, ?)""",
        (act.id, act.at, act.actor, act.kind, act.words, act.assets, json.dumps(sorted(made))),
    )
    db.executemany(
        "insert into act_assets (act_id, asset_id, changes) values (?, ?, ?)",
        (
            (act.id, asset_id, json.dumps([[*aspect, *change] for aspect, change in each.items()]))
            for asset_id, each in changes.items()
        ),
    )
    oldest = (datetime.now(UTC) - timedelta(days=_DAYS)).isoformat(timespec="seconds")
    db.execute(
        """delete from acts where at < ? or rowid not in (
               select rowid from acts order by rowid desc limit ?)""",
        (oldest, _MOST),
    )


def changes_of(db: sqlite3.Connection, act_id: str) -> dict[int, dict[Aspect, Change]]:
    """What an act changed, by asset."""
    rows = db.execute("select asset_id, changes from act_assets where act_id = ?", (act_id,))
    return {
        row["asset_id"]: {
            (kind, which): (before, after)
            for kind, which, before, after in json.loads(row["changes"])
        }
        for row in rows
    }


def made_by(db: sqlite3.Connection, act_id: str) -> list[int]:
    """Ids of the collections that an act made."""
    row = db.execute("select made from acts where id = ?", (act_id,)).fetchone()
    return list(json.loads(row["made"])) if row else []


def acts(db: sqlite3.Connection, limit: int) -> list[PastAct]:
    """The newest first."""
    rows = db.execute(f"select {_COLUMNS} from acts order by rowid desc limit ?", (limit,))
    return [PastAct(**dict(row)) for row in rows]


def act(db: sqlite3.Connection, act_id: str) -> PastAct | None:
    """One of them, or None."""
    row = db.execute(f"select {_COLUMNS} from acts where id = ?", (act_id,)).fetchone()
    return PastAct(**dict(row)) if row else None


def note_undone(db: sqlite3.Connection, act_id: str, left: int) -> None:
    """It cannot be undone again: what it changed is not needed any more."""
    db.execute("update acts set undone_at = ?, left = ? where id = ?", (now(), left, act_id))
    db.execute("delete from act_assets where act_id = ?", (act_id,))


_COLUMNS = "id, at, actor, kind, words, assets, undone_at, left"
