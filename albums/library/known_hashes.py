"""Which files are here already, by any hash that a client may know of them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from albums.library.damage import IS_DAMAGED

COLUMNS = {64: "sha", 40: "sha1", 32: "md5"}  # by the number of hex digits


@dataclass(frozen=True)
class Known:
    """What is known of one hash. `deleted_at`: when the owner threw it away, UTC."""

    state: Literal["kept", "deleted", "unknown"]
    deleted_at: str | None = None


_UNKNOWN = Known("unknown")
_KEPT = Known("kept")


def known_hashes(db: sqlite3.Connection, hashes: Iterable[str]) -> dict[str, Known]:
    """For each hash (hex; SHA-256, SHA-1 or MD5 by its length): is it here? In the trash counts as
    deleted. A file that came in before its SHA-1 and MD5 were kept is unknown by them until
    it was verified once; one whose original was found damaged is unknown, so that who has it sends
    it again."""
    asked = defaultdict(list)
    for hash in hashes:
        asked[len(hash)].append(hash)
    answers = dict.fromkeys((hash for group in asked.values() for hash in group), _UNKNOWN)
    for digits, group in asked.items():
        answers |= _look_up(db, COLUMNS[digits], group)
    return answers


def _look_up(db: sqlite3.Connection, column: str, hashes: list[str]) -> dict[str, Known]:
    rows = db.execute(
        f"""with asked(hash) as (select value from json_each(?))
            select {column} as hash, deleted_at from tombstones where {column} in asked
            union all
            select {column}, trashed_at from assets where {column} in asked
            and (trashed_at is not null or not {IS_DAMAGED})""",
        (json.dumps(hashes),),
    )
    return {
        row["hash"]: Known("deleted", row["deleted_at"]) if row["deleted_at"] else _KEPT
        for row in rows
    }
