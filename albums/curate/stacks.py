"""What a person says of stacks: these belong together, this one does not, that one is the best.

It is a claim about each asset, so it is in the sidecars, and no step and no rebuild takes it back.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe, pay
from albums.errors import BadInput, Conflict
from albums.library.assets import Asset, asset_by_sha, assets_by_id
from albums.library.bonds import ALONE
from albums.library.facts import Claim, add_claims
from albums.library.stacks import LARGEST, companions_within, restack, stacked_with

_WORD, _CHOICE = "stack", "stack_top"


def join(rooms: Rooms, shas: Sequence[str]) -> Asset:
    """Make one stack of these assets, with all that lies in a stack with one of them.

    Returns one of them. Raises BadInput for less than two or too many, NotFound, Conflict for one
    in the trash.
    """
    with rooms.library.write() as db:
        named = [asset_by_sha(db, sha) for sha in shas]
        for asset in named:
            _refuse_trashed(db, asset)
        ids = stacked_with(db, [asset.id for asset in named])
        if not 2 <= len(ids) <= LARGEST:
            raise BadInput(f"A stack has 2 to {LARGEST} assets", why=f"This would have {len(ids)}")
        _say(db, ids, secrets.token_hex(8))
        restack(db, ids)
        others = sorted(asset.sha for asset in assets_by_id(db, ids))
        rooms.audit.record(db, rooms.actor, "stacked", named[0].sha, assets=others)
    pay(rooms)
    return named[0]


def split(rooms: Rooms, sha: str) -> Asset:
    """Take one asset out of its stack, a photo with its film and its raw file. Where these are all
    that is in the stack, each is alone from now on. Raises NotFound, Conflict."""
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        before = _expect_stacked(db, asset)
        _say(db, [asset.id], ALONE)
        restack(db, before)
        if stacked_with(db, [asset.id]) == before:
            _say(db, before, ALONE)
            restack(db, before)
        rooms.audit.record(db, rooms.actor, "unstacked", asset.sha)
    pay(rooms)
    return asset


def dissolve(rooms: Rooms, sha: str) -> Asset:
    """Every asset of this one's stack is shown by itself, a photo with its film and its raw file.
    Where there is nothing else in the stack, these are taken apart, too. Raises NotFound, Conflict.
    """
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        before = _expect_stacked(db, asset)
        _say(db, before - companions_within(db, before), ALONE)
        restack(db, before)
        if stacked_with(db, [asset.id]) == before:
            _say(db, before, ALONE)
            restack(db, before)
        others = sorted(other.sha for other in assets_by_id(db, before))
        rooms.audit.record(db, rooms.actor, "unstacked", asset.sha, assets=others)
    pay(rooms)
    return asset


def put_on_top(rooms: Rooms, sha: str) -> Asset:
    """The stack is shown by this asset from now on. Raises NotFound, and Conflict for one that is
    in no stack, or cannot be its top."""
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        before = _expect_stacked(db, asset)
        moment = datetime.now(UTC).isoformat(timespec="microseconds")
        _claim(db, asset, Claim(_CHOICE, moment, "person", 1.0))
        restack(db, before)
        if _top(db, asset) != asset.id:
            raise Conflict(
                f"{asset.name} cannot stand for its stack",
                why="It is hidden, its original is damaged, or it is the moving part of a photo",
            )
        rooms.audit.record(db, rooms.actor, "put-on-top", asset.sha)
    pay(rooms)
    return asset


def _say(db: sqlite3.Connection, ids: Iterable[int], word: str) -> None:
    for asset in assets_by_id(db, ids):
        _claim(db, asset, Claim(_WORD, word, "person", 1.0))


def _claim(db: sqlite3.Connection, asset: Asset, claim: Claim) -> None:
    add_claims(db, asset.id, [claim])
    owe(db, asset)


def _top(db: sqlite3.Connection, asset: Asset) -> int:
    row = db.execute("select coalesce(top_id, id) as top from assets where id = ?", (asset.id,))
    return int(row.fetchone()["top"])


def _expect_stacked(db: sqlite3.Connection, asset: Asset) -> set[int]:
    found = stacked_with(db, [asset.id])
    if len(found) < 2:
        raise Conflict(
            f"{asset.name} is in no stack", hint="Join it with others: albums stack SHA SHA"
        )
    return found


def _refuse_trashed(db: sqlite3.Connection, asset: Asset) -> None:
    row = db.execute("select trashed_at from assets where id = ?", (asset.id,)).fetchone()
    if row["trashed_at"]:
        raise Conflict(f"{asset.name} is in the trash", hint="Restore it first")
