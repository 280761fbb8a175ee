"""What a person says of copies: this one is kept, and has all that was said of the others, which go
to the trash; or they are no copies at all. Both can be undone.

That some are no copies is a claim about each of them, so it is in the sidecars, and no step and no
rebuild takes it back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from albums.curate import undoing
from albums.curate.merging import take_over
from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe, owe_all, pay
from albums.curate.trash import move, with_films
from albums.curate.undoing import Undone, undoable
from albums.errors import BadInput, Conflict
from albums.library.acts import changes_of
from albums.library.assets import Asset, asset_by_sha, assets_by_id, now
from albums.library.duplicate_groups import groups, regroup, weight
from albums.library.duplicate_pairs import NOT
from albums.library.facts import Claim, add_claims, claims_of

AT_ONCE = 200  # groups in one transaction, and in one act
MOST = 200  # assets that are said to be copies, or none, at once


@dataclass(frozen=True)
class Merged:
    """What was done. `id`: to undo it by; None where there was nothing to do. `left`: groups that
    are still to be merged."""

    id: str | None
    groups: int = 0
    assets: int = 0  # in the trash now
    bytes: int = 0  # of their originals
    left: int = 0


def merge(rooms: Rooms, keep: str, others: Sequence[str]) -> Merged:
    """Keep one asset, with all that was said of the others, and throw those away.

    Raises NotFound, BadInput for what cannot be copies, Conflict for what is in the trash.
    """
    with rooms.vault.reserve.lent(), rooms.library.write() as db:
        kept, *copies = _copies(db, [keep, *others])
        merged = _merge(rooms, db, [(kept, copies)])
    pay(rooms)
    return merged


def merge_exact(rooms: Rooms) -> Merged:
    """Merge what has the very same picture, of some groups at a time: the best copy is kept. What
    is only nearly the same stays. Repeat while there is something `left`."""
    with rooms.vault.reserve.lent(), rooms.library.write() as db:
        found, _ = groups(db, AT_ONCE, exact=True)
        sets = [
            (copies[0], copies[1:])
            for group in found
            for same in group.same
            if len(copies := _in_order(db, same)) > 1
        ]
        merged = _merge(rooms, db, sets)
        left = weight(db).groups_again if sets else 0
    pay(rooms)
    return replace(merged, left=left)


def preview_exact(rooms: Rooms) -> Merged:
    """What `merge_exact` would do, repeated to its end; nothing is changed."""
    with rooms.library.read() as db:
        whole = weight(db)
    return Merged(None, whole.groups_again, whole.again, whole.again_spare, whole.groups_again)


def keep_all(rooms: Rooms, shas: Sequence[str]) -> str:
    """None of these is a copy of another of them. Returns the id to undo it by.

    Raises NotFound, BadInput for less than two.
    """
    with rooms.library.write() as db:
        assets = _copies(db, shas)
        ids = [asset.id for asset in assets]
        words = f"said that {len(assets)} are no duplicates"
        with undoable(rooms, db, "not-duplicates", words, ids) as act_id:
            for asset in assets:
                _refuse(db, asset, assets)
        regroup(db, ids)
        rooms.audit.record(
            db, rooms.actor, "told-apart", assets[0].sha, assets=[a.sha for a in assets]
        )
        owe_all(db, ids)
    pay(rooms)
    return act_id


def undo(rooms: Rooms, act_id: str) -> Undone:
    """Take back what one of these did, and show the copies as such again. Raises NotFound,
    Conflict."""
    with rooms.library.read() as db:
        ids = list(changes_of(db, act_id))
    undone = undoing.undo(rooms, act_id)
    with rooms.library.write(durable=False) as db:
        regroup(db, ids)
    return undone


def _refuse(db: sqlite3.Connection, asset: Asset, others: Sequence[Asset]) -> None:
    before = [c.value for c in claims_of(db, asset.id) if (c.field, c.source) == (NOT, "person")]
    told = {sha for value in before for sha in value}
    told |= {other.sha for other in others if other != asset}
    add_claims(db, asset.id, [Claim(NOT, sorted(told), "person", 1.0)])


def _merge(
    rooms: Rooms, db: sqlite3.Connection, sets: Sequence[tuple[Asset, Sequence[Asset]]]
) -> Merged:
    """All of these in one act."""
    if not sets:
        return Merged(None)
    thrown = [copy for _, copies in sets for copy in copies]
    going = with_films(db, [copy.id for copy in thrown])
    touched = list(dict.fromkeys([*(kept.id for kept, _ in sets), *going]))
    with undoable(rooms, db, "merge", _words(sets), touched) as act_id:
        for kept, copies in sets:
            taken = take_over(rooms, db, kept, copies)
            rooms.audit.record(
                db, rooms.actor, "merged-duplicates", kept.sha,
                act=act_id, copies=[copy.sha for copy in copies], taken_over=taken,
            )  # fmt: skip
            owe(db, kept)
        move(rooms, db, going, now())
    regroup(db, touched)
    return Merged(act_id, len(sets), len(thrown), sum(copy.size for copy in thrown))


def _words(sets: Sequence[tuple[Asset, Sequence[Asset]]]) -> str:
    thrown = sum(len(copies) for _, copies in sets)
    copies = f"{thrown} {'copy' if thrown == 1 else 'copies'}"
    return f"merged {copies} into {sets[0][0].name if len(sets) == 1 else f'{len(sets)} assets'}"


def _copies(db: sqlite3.Connection, shas: Sequence[str]) -> list[Asset]:
    """The assets, in this order."""
    assets = list(dict.fromkeys(asset_by_sha(db, sha) for sha in shas))
    if not 2 <= len(assets) <= MOST:
        raise BadInput(f"Copies are 2 to {MOST} different assets", why=f"You named {len(assets)}")
    if len({asset.kind for asset in assets}) > 1:
        raise BadInput(
            "These are no copies of each other",
            why=f"{assets[0].name} is a {assets[0].kind}, and another is not",
        )
    for asset in assets:
        row = db.execute("select trashed_at from assets where id = ?", (asset.id,)).fetchone()
        if row["trashed_at"]:
            raise Conflict(f"{asset.name} is in the trash", hint="Restore it first")
    return assets


def _in_order(db: sqlite3.Connection, ids: Sequence[int]) -> list[Asset]:
    assets = {asset.id: asset for asset in assets_by_id(db, ids)}
    return [assets[asset_id] for asset_id in ids if asset_id in assets]
