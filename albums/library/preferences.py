"""What the person likes, for the whole library. `preferences.json` in its folder holds the same."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

FILE = "preferences.json"
_KEPT_OUT = "kept_out_of_timeline"


def kept_out(db: sqlite3.Connection) -> tuple[str, ...]:
    """Names of looks (library/looks.py) that the timeline does not show, in alphabetical order."""
    row = db.execute("select value from preferences where name = ?", (_KEPT_OUT,)).fetchone()
    return tuple(json.loads(row["value"])) if row else ()


def keep_out(db: sqlite3.Connection, looks: Iterable[str]) -> None:
    """These and no others; library/looks.py makes it so."""
    _put(db, _KEPT_OUT, sorted(set(looks)))


def as_file(db: sqlite3.Connection) -> bytes:
    """The content of FILE."""
    return json.dumps({_KEPT_OUT: list(kept_out(db))}, ensure_ascii=False, indent=1).encode()


def from_file(db: sqlite3.Connection, content: bytes) -> None:
    """Fill the table from what `as_file` wrote. Raises ValueError, AttributeError."""
    looks = json.loads(content).get(_KEPT_OUT, [])
    if not isinstance(looks, list) or not all(isinstance(look, str) for look in looks):
        raise ValueError(f"{_KEPT_OUT} is not a list of names")
    keep_out(db, looks)


def _put(db: sqlite3.Connection, name: str, value: list[str]) -> None:
    """What is as it was at the beginning needs no row."""
    db.execute("delete from preferences where name = ?", (name,))
    if value:
        db.execute("insert into preferences values (?, ?)", (name, json.dumps(value)))
