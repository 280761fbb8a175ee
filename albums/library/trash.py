"""What the owner put aside: out of every list, but whole until it is purged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from albums.library.assets import Asset, assets_by_id
from albums.library.stacks import take_out

_BY = """coalesce((select actor from audit where audit.sha = assets.sha and action = 'trashed'
                   order by audit.id desc limit 1), '')"""


@dataclass(frozen=True)
class Trashed:
    """An asset in the trash."""

    id: int
    sha: str
    name: str
    kind: str
    size: int  # bytes
    trashed_at: str  # UTC
    trashed_by: str  # who, as the audit log writes it
    aspect: float | None  # width / height of its pictures
    thumbhash: bytes | None


@dataclass(frozen=True)
class Weight:
    """How much lies in the trash."""

    assets: int
    bytes: int  # of originals


def trashed(
    db: sqlite3.Connection, limit: int, after: tuple[str, int] | None = None
) -> list[Trashed]:
    """What is in the trash, newest there first. `after`: trashed_at and id of the one before."""
    rows = db.execute(
        f"""select assets.id, sha, name, kind, size, trashed_at, {_BY} as trashed_by,
                   aspect, thumbhash
            from assets left join pictures on asset_id = assets.id
            where trashed_at is not null and (?1 is null or (trashed_at, assets.id) < (?1, ?2))
            order by trashed_at desc, assets.id desc limit ?3""",
        (*(after or (None, None)), limit),
    )
    return [Trashed(**dict(row)) for row in rows]


def weight(db: sqlite3.Connection) -> Weight:
    row = db.execute(
        """select count(*) as assets, coalesce(sum(size), 0) as bytes from assets
           where trashed_at is not null"""
    ).fetchone()
    return Weight(**dict(row))


def thrown_before(db: sqlite3.Connection, until: str, limit: int) -> list[Asset]:
    """What was put there at `until` (UTC) or before, oldest first."""
    return _assets(
        db,
        """select id from assets where trashed_at is not null and trashed_at <= ?
           order by trashed_at, id limit ?""",
        (until, limit),
    )


def outstayed(db: sqlite3.Connection, until: str, now: str, limit: int) -> list[Asset]:
    """As `thrown_before`, but less what was put there by a clock that was behind: the audit log
    then has an earlier entry that was written after `until`."""
    return _assets(
        db,
        """select id from assets
           where trashed_at is not null and trashed_at <= ?1
             and coalesce((select max(id) from audit
                           where audit.sha = assets.sha and action = 'trashed'), 0)
                 < coalesce((select min(id) from audit where at > ?1 and at <= ?2), 1 << 62)
           order by trashed_at, id limit ?3""",
        (until, now, limit),
    )


def begin_purging(db: sqlite3.Connection, assets: Sequence[Asset]) -> None:
    """Their rows go in this transaction; their files go after it."""
    db.executemany(
        "insert or replace into purging (sha, extension) values (?, ?)",
        [(asset.sha, asset.extension) for asset in assets],
    )
    take_out(db, [asset.id for asset in assets])


def purging(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """SHA-256 and extension of what is deleted for good, but whose files may still lie there."""
    return [(row["sha"], row["extension"]) for row in db.execute("select * from purging")]


def end_purging(db: sqlite3.Connection) -> None:
    db.execute("delete from purging")


def take_from_purging(db: sqlite3.Connection, sha: str) -> bool:
    """It is wanted again. True where its files still waited to be removed."""
    return db.execute("delete from purging where sha = ?", (sha,)).rowcount > 0


def _assets(db: sqlite3.Connection, query: str, parameters: tuple[object, ...]) -> list[Asset]:
    return assets_by_id(db, [row["id"] for row in db.execute(query, parameters)])
