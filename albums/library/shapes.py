"""The shape of derived tables: what an older program made otherwise is dropped and made anew."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

Prepare = Callable[[sqlite3.Connection], None]
_NO_MEANING = re.compile(r"--[^\n]*|\s+")  # comments and white space


def make_tables(db: sqlite3.Connection, prepare: Prepare) -> bool:
    """Make what `prepare` makes: tables, and their indexes and triggers.

    What has another shape than `prepare` gives it is dropped first. Returns whether a table is
    new, and so empty: the work that fills it is to be done again.
    """
    wanted, present = _shapes_of(prepare), _shapes(db)
    new = {key for key, shape in wanted.items() if present.get(key) != shape}
    for kind, name in new & present.keys():
        db.execute(f'drop {kind} if exists "{name}"')  # an index may have gone with its table
    prepare(db)
    return any(kind == "table" for kind, _ in new)


def _shapes_of(prepare: Prepare) -> dict[tuple[str, str], str]:
    """What `prepare` makes where there is nothing yet."""
    empty = sqlite3.connect(":memory:")
    try:
        empty.execute("create table assets (id integer primary key)")  # triggers may be on it
        prepare(empty)
        shapes = _shapes(empty)
        del shapes["table", "assets"]
        return shapes
    finally:
        empty.close()


def _shapes(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(table, index or trigger; name) -> its SQL. FTS5's own tables belong to another."""
    rows = db.execute(
        """select type, name, sql from sqlite_master where sql is not null and name not in
           (select name from pragma_table_list where type = 'shadow')"""
    )
    return {(kind, name): _NO_MEANING.sub(" ", sql).strip() for kind, name, sql in rows}
