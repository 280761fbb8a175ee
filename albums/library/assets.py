"""Asset rows and the questions asked of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from albums.errors import BadInput, NotFound


@dataclass(frozen=True)
class Asset:
    """What a step needs to know of an asset to work on it."""

    id: int
    sha: str
    name: str
    folder: str
    extension: str
    mime: str
    kind: str
    size: int  # bytes


_COLUMNS = "id, sha, name, folder, extension, mime, kind, size"


def now() -> str:
    """This moment in UTC, as the library writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def assets_by_id(db: sqlite3.Connection, ids: Iterable[int]) -> list[Asset]:
    """The assets with these ids, newest first; ids that are gone are left out."""
    rows = db.execute(
        f"""select {_COLUMNS} from assets
            where id in (select value from json_each(?)) order by id desc""",
        (json.dumps(list(ids)),),
    )
    return [Asset(**dict(row)) for row in rows]


def asset_by_sha(db: sqlite3.Connection, sha: str) -> Asset:
    """The asset with this SHA-256, or the only one that begins with it (6 digits or more).

    Raises NotFound.
    """
    rows = db.execute(
        f"select {_COLUMNS} from assets where sha >= ? and sha < ? limit 2", (sha, sha + "g")
    ).fetchall()
    if len(rows) != 1 or len(sha) < 6:
        raise NotFound(
            f"There is no asset {sha!r} in this library",
            why="Several begin so" if len(rows) > 1 else "",
        )
    return Asset(**dict(rows[0]))


def present(db: sqlite3.Connection, shas: Sequence[str]) -> set[str]:
    """Which of these are assets, be it in the trash."""
    rows = db.execute(
        "select sha from assets where sha in (select value from json_each(?))",
        (json.dumps(list(shas)),),
    )
    return {row["sha"] for row in rows}


def chosen_ids(db: sqlite3.Connection, shas: Sequence[str]) -> list[int]:
    """The assets that a person chose, by whole hashes. Raises NotFound where one is not here, and
    BadInput where nothing is chosen."""
    rows = db.execute(
        "select id, sha from assets where sha in (select value from json_each(?))",
        (json.dumps(list(shas)),),
    ).fetchall()
    missing = set(shas) - {row["sha"] for row in rows}
    if missing:
        raise NotFound(
            f"There is no asset {min(missing)[:70]!r} in this library",
            hint="Name each by its whole SHA-256",
        )
    if not rows:
        raise BadInput("Nothing is chosen", hint="Say which: a query that finds some, or hashes")
    return [row["id"] for row in rows]
