"""What a person throws away, takes back, and lets go of for good.

Trashed means out of every list and untouched. Purged means gone: rows first, then the files, with
the hash remembered, so that nothing brings it back by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe_all, pay
from albums.errors import BadInput, Conflict, NotFound
from albums.library import collections, tombstones
from albums.library.assets import Asset, asset_by_sha, assets_by_id, now, present
from albums.library.facts import Claim, add_claims
from albums.library.rules import ACTOR
from albums.library.ruling import KEPT
from albums.library.stacks import moving_parts, restack, with_parts
from albums.library.trash import begin_purging, end_purging, outstayed, purging, thrown_before
from albums.vault.durable import replace_synced

_EVER = "9999"  # after every moment as the library writes them
_AT_ONCE = 100  # assets in one transaction: uploads do not wait for a trash of thousands


@dataclass(frozen=True)
class Purged:
    """What is gone."""

    assets: int = 0
    bytes: int = 0  # of originals


def trash(rooms: Rooms, shas: Sequence[str]) -> list[Asset]:
    """Put assets aside: out of every list, bytes untouched, until `restore` or `purge`. The film
    of a live photo goes with it, and comes back with it."""
    with rooms.vault.reserve.lent():
        return _set_trashed(rooms, shas, now())


def restore(rooms: Rooms, shas: Sequence[str]) -> list[Asset]:
    """Take assets out of the trash, with all that belonged to them. Raises NotFound."""
    return _set_trashed(rooms, shas, None)


def purge(rooms: Rooms, shas: Sequence[str], *, confirmed: bool) -> Purged:
    """Delete trashed assets for good: row, pictures, sidecar and original; with a live photo, the
    film that was thrown away with it.

    Raises BadInput without `confirmed`, Conflict for an asset that is not in the trash.
    """
    if not confirmed:
        raise BadInput("Deleting for good cannot be undone", hint="Confirm it to go on")

    def named(db: sqlite3.Connection) -> list[Asset]:
        assets = [asset_by_sha(db, sha) for sha in shas]
        for asset in assets:
            _refuse_untrashed(db, asset)
        with_films = [one for asset in assets for one in (asset, *_thrown_with(db, asset))]
        return list(dict.fromkeys(with_films))

    return _purge(rooms, named)


def empty(rooms: Rooms, until: str | None = None, *, confirmed: bool) -> Purged:
    """Purge all that was put into the trash until then (UTC; None: whenever), in
    several transactions. Raises BadInput without `confirmed`."""
    if not confirmed:
        raise BadInput("Deleting for good cannot be undone", hint="Confirm it to go on")
    whole = Purged()
    while (part := _purge(rooms, lambda db: thrown_before(db, until or _EVER, _AT_ONCE))).assets:
        whole = Purged(whole.assets + part.assets, whole.bytes + part.bytes)
    return whole


def purge_outstayed(rooms: Rooms, until: str) -> int:
    """Purge some of what has lain there since `until` (UTC) or longer, by every clock that was
    heard. Returns how many assets; 0 when none is left."""
    return _purge(rooms, lambda db: outstayed(db, until, now(), _AT_ONCE)).assets


def finish_purges(rooms: Rooms) -> int:
    """Remove the files of what was purged; also what a cut left behind. Returns how many assets.

    The writer is held: nothing comes in meanwhile, and what the owner took in again since then
    keeps its files.
    """
    with rooms.vault.reserve.lent(), rooms.library.write() as db:
        gone = purging(db)
        if not gone:
            return 0
        replace_synced(rooms.folder / tombstones.FILE, tombstones.as_file(db))
        collections.write_file(db, rooms.folder, replace_synced)
        here = present(db, [sha for sha, _ in gone])
        for sha, extension in gone:
            if sha not in here:
                _remove_files(rooms, sha, extension)
        end_purging(db)
    return len(gone)


def _purge(rooms: Rooms, choose: Callable[[sqlite3.Connection], list[Asset]]) -> Purged:
    with rooms.vault.reserve.lent():
        return _bury_and_remove(rooms, choose)


def _bury_and_remove(rooms: Rooms, choose: Callable[[sqlite3.Connection], list[Asset]]) -> Purged:
    with rooms.library.write() as db:
        assets = choose(db)
        for asset in assets:
            tombstones.bury(db, asset, rooms.actor)
            rooms.audit.record(db, rooms.actor, "purged", asset.sha, name=asset.name)
        begin_purging(db, assets)
    finish_purges(rooms)
    return Purged(len(assets), sum(asset.size for asset in assets))


def _remove_files(rooms: Rooms, sha: str, extension: str) -> None:
    rooms.vault.pictures.remove(sha)
    rooms.vault.playables.remove(sha)
    rooms.vault.sidecars.path(sha).unlink(missing_ok=True)
    rooms.vault.originals.path(sha, extension).unlink(missing_ok=True)


def _set_trashed(rooms: Rooms, shas: Sequence[str], at: str | None) -> list[Asset]:
    try:
        return [_set_one_trashed(rooms, sha, at) for sha in shas]
    finally:
        pay(rooms)


def _set_one_trashed(rooms: Rooms, sha: str, at: str | None) -> Asset:
    with rooms.library.write() as db:
        _refuse_purged(db, sha)
        asset = asset_by_sha(db, sha)
        move(rooms, db, with_films(db, [asset.id]), at)
    return asset


def with_films(db: sqlite3.Connection, asset_ids: Collection[int]) -> list[int]:
    """These, and the films of live photos among them that go where they go."""
    films = [
        film.id
        for photo in assets_by_id(db, with_parts(db, asset_ids))
        for film in _thrown_with(db, photo)
    ]
    return list(dict.fromkeys([*asset_ids, *films]))


def move(rooms: Rooms, db: sqlite3.Connection, asset_ids: Iterable[int], at: str | None) -> int:
    """Inside the caller's transaction: put all of these into the trash (`at`, UTC) or take them
    out; what is there already is left. Returns how many. Then `pay`."""
    changed = [one.id for one in assets_by_id(db, asset_ids) if _move(rooms, db, one, at)]
    restack(db, changed)
    rooms.ledger.reopen(db, "zone", changed)  # what their clocks tell others goes with them
    owe_all(db, changed)
    return len(changed)


def _move(rooms: Rooms, db: sqlite3.Connection, asset: Asset, at: str | None) -> bool:
    """Into the trash or out of it. False where it is there already."""
    changed = db.execute(
        "update assets set trashed_at = ? where id = ? and (trashed_at is null) = (? is null)",
        (at, asset.id, None if at else "in the trash"),
    ).rowcount
    if changed:
        if at is None and _thrown_by_rule(db, asset):
            add_claims(db, asset.id, [Claim(KEPT, True, "person", 1.0)])
            rooms.ledger.reopen(db, "rules", [asset.id])
        rooms.audit.record(db, rooms.actor, "trashed" if at else "restored", asset.sha)
    return bool(changed)


def _thrown_by_rule(db: sqlite3.Connection, asset: Asset) -> bool:
    row = db.execute(
        "select actor from audit where sha = ? and action = 'trashed' order by id desc limit 1",
        (asset.sha,),
    ).fetchone()
    return row is not None and row["actor"].startswith(ACTOR)


def _thrown_with(db: sqlite3.Connection, asset: Asset) -> list[Asset]:
    """The films of a live photo that go where it goes: not those that were thrown away by
    themselves."""
    films = assets_by_id(db, moving_parts(db, asset.id))
    thrown = "select trashed_at from assets where id = ?"
    at = db.execute(thrown, (asset.id,)).fetchone()["trashed_at"]
    return [f for f in films if db.execute(thrown, (f.id,)).fetchone()["trashed_at"] == at]


def _refuse_purged(db: sqlite3.Connection, sha: str) -> None:
    stones = tombstones.beginning_with(db, sha)
    if len(stones) == 1:
        name, deleted_at = stones[0]
        raise NotFound(
            f"{name} was deleted by you on {deleted_at[:10]}",
            why="Its bytes are gone for good",
            hint="Send it again with again=true, or import it with `albums import --again`",
            deleted_at=deleted_at,
        )


def _refuse_untrashed(db: sqlite3.Connection, asset: Asset) -> None:
    row = db.execute("select trashed_at from assets where id = ?", (asset.id,)).fetchone()
    if row["trashed_at"] is None:
        raise Conflict(f"{asset.name} is not in the trash", hint="Put it into the trash first")
