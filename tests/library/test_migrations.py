"""A database of every released schema opens, and nothing in it is lost."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from albums.errors import LibraryUnusable
from albums.library.database import Library
from albums.library.migrations import MIGRATIONS, apply_migrations

ALL = list(MIGRATIONS._migrations)
SHA = "ab" * 32
# Columns whose values must be among a few; everything else is made up from its type.
CHOICES = {"rights": "owner", "state": "open"}
REFERENCES = {"asset_id": 1, "collection_id": 1, "id": 1}


@contextmanager
def only(count: int) -> Iterator[None]:
    """As if the program had only the first `count` migrations."""
    MIGRATIONS._migrations = ALL[:count]
    try:
        yield
    finally:
        MIGRATIONS._migrations = list(ALL)


def old_database(path: Path, count: int) -> dict[str, list[dict[str, Any]]]:
    """A database of the first `count` migrations with a row in each table; all its rows."""
    with only(count), closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        apply_migrations(db, path)
        for table in tables(db):
            insert_row(db, table)
        db.commit()
        return rows(db)


def tables(db: sqlite3.Connection) -> list[str]:
    """Ours, as they were made: those that others refer to first."""
    found = db.execute(
        """select name from sqlite_master
           where type = 'table' and name not like 'sqlite%' and name not like '\\_%' escape '\\'
           order by rootpage"""
    )
    return [row["name"] for row in found]


def insert_row(db: sqlite3.Connection, table: str) -> None:
    columns = db.execute(f"pragma table_info({table})").fetchall()
    values = {column["name"]: made_up(column) for column in columns}
    db.execute(
        f"""insert or replace into {table} ({", ".join(values)})
            values ({", ".join(f":{name}" for name in values)})""",
        values,
    )


def made_up(column: sqlite3.Row) -> object:
    name = column["name"]
    if name == "id" and column["type"] == "TEXT":
        return "some id"
    known = CHOICES | REFERENCES | {"sha": SHA}
    if name in known:
        return known[name]
    return {"INTEGER": 7, "REAL": 0.5}.get(column["type"].upper(), f"some {name} \N{SNOWMAN}")


def rows(db: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(row) for row in db.execute(f"select * from {table}")] for table in tables(db)
    }


def content(path: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return rows(db)


@pytest.mark.parametrize("count", range(1, len(ALL)), ids=lambda count: ALL[count - 1].name)
def test_a_database_of_every_release_opens_with_all_that_was_in_it(
    tmp_path: Path, count: int
) -> None:
    path = tmp_path / "albums.db"
    before = old_database(path, count)
    assert any(before.values())
    Library(path).close()
    after = content(path)
    for table, old in before.items():
        kept = [{name: row[name] for name in old[0]} for row in after[table]]
        assert all(row in kept for row in old)
    [copy] = tmp_path.glob("albums.db.*.backup")
    assert content(copy) == before


def test_a_migrated_database_is_like_a_new_one(tmp_path: Path) -> None:
    old_database(tmp_path / "albums.db", 1)
    Library(tmp_path / "albums.db").close()
    Library(tmp_path / "new.db").close()
    shapes = []
    for name in ("albums.db", "new.db"):
        with closing(sqlite3.connect(tmp_path / name)) as db:
            shape = db.execute("select type, name, sql from sqlite_master order by type, name")
            shapes.append(shape.fetchall())
            assert db.execute("pragma integrity_check").fetchone() == ("ok",)
            assert db.execute("pragma foreign_key_check").fetchall() == []
    assert shapes[0] == shapes[1]


def test_a_migration_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "albums.db"
    before = old_database(path, len(ALL))

    def good(db: Database) -> None:
        db.execute("create table good (id integer)")

    def bad(db: Database) -> None:
        db.execute("create table half (id integer)")
        db.execute("update assets set name = 'changed'")
        db.execute("insert into no_such_table values (1)")

    try:
        MIGRATIONS(name="good")(good)
        MIGRATIONS(name="bad")(bad)
        with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
            Library(path)
    finally:
        MIGRATIONS._migrations = list(ALL)
    after = content(path)
    assert "half" not in after
    assert {table: after[table] for table in before} == before
    assert len(list(tmp_path.glob("albums.db.*.backup"))) == 1


# Opens the library at the path, and is killed before the statement of that number.
KILLED = """
import os, signal, sys
from pathlib import Path
from albums.library import database

left, connect = int(sys.argv[2]), database._connect

def count(sql):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def counting(path):
    connection = connect(path)
    connection.set_trace_callback(count)
    return connection

database._connect = counting
database.Library(Path(sys.argv[1])).close()
"""


@pytest.mark.slow
def test_killed_before_any_statement_of_an_upgrade_the_next_start_finishes_it(
    tmp_path: Path,
) -> None:
    before = old_database(tmp_path / "old.db", 1)
    Library(tmp_path / "new.db").close()
    whole = content(tmp_path / "new.db").keys()
    killed, statement = 0, 1
    while True:
        path = tmp_path / f"{statement}.db"
        shutil.copy(tmp_path / "old.db", path)
        command = [sys.executable, "-c", KILLED, str(path), str(statement)]
        status = subprocess.run(command, check=False).returncode
        Library(path).close()
        after = content(path)
        assert after.keys() == whole
        assert all(row.items() <= after[table][0].items() for table, [row] in before.items())
        if status == 0:
            break
        assert status == -signal.SIGKILL
        killed, statement = killed + 1, statement + 13
    assert killed > 10


def test_the_way_back_to_an_older_program_is_said_and_works(tmp_path: Path) -> None:
    path = tmp_path / "albums.db"
    before = old_database(path, len(ALL) - 1)
    Library(path).close()
    with only(len(ALL) - 1):
        with pytest.raises(LibraryUnusable, match=r"put back the copy .*albums\.db\..*\.backup"):
            Library(path)
        [copy] = tmp_path.glob("albums.db.*.backup")
        for beside in tmp_path.glob("albums.db-*"):
            beside.unlink()
        copy.replace(path)
        Library(path).close()
    assert content(path) == before


def test_tombstones_of_before_say_when_the_bytes_went(tmp_path: Path) -> None:
    path = tmp_path / "albums.db"
    before = old_database(path, [m.name for m in ALL].index("whole_tombstones"))
    Library(path).close()
    [stone] = content(path)["tombstones"]
    assert stone["purged_at"] == before["tombstones"][0]["deleted_at"]


def test_two_upgrades_within_a_second_keep_both_copies(tmp_path: Path) -> None:
    path = tmp_path / "albums.db"
    old_database(path, len(ALL) - 2)
    with only(len(ALL) - 1):
        Library(path).close()
    Library(path).close()
    assert len(list(tmp_path.glob("albums.db.*.backup"))) == 2
