"""Transactions hold what they promise, and what goes wrong is said plainly."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from albums.errors import DiskFull, LibraryUnusable
from albums.library.database import Library
from albums.library.migrations import MIGRATIONS


def note(db: sqlite3.Connection, name: str) -> None:
    db.execute("insert into notes (name, value) values (?, '')", (name,))


def names(library: Library) -> list[str]:
    with library.read() as db:
        return [row["name"] for row in db.execute("select name from notes order by name")]


def test_a_write_is_there_when_the_block_ends(library: Library) -> None:
    with library.write() as db:
        note(db, "kept")
    assert names(library) == ["kept"]


def test_a_write_rolls_back_on_any_exception(library: Library) -> None:
    with pytest.raises(KeyboardInterrupt), library.write() as db:
        note(db, "lost")
        raise KeyboardInterrupt
    assert names(library) == []
    with library.write() as db:
        note(db, "next")
    assert names(library) == ["next"]


def test_a_commit_that_fails_leaves_nothing_behind(library: Library) -> None:
    with pytest.raises(sqlite3.IntegrityError), library.write() as db:
        db.execute("pragma defer_foreign_keys = on")  # so that the commit finds it
        db.execute("insert into owed_sidecars values (7)")
    with library.write() as db:
        assert db.execute("select count(*) from owed_sidecars").fetchone()[0] == 0


def test_what_can_be_made_again_does_not_ask_what_follows_durable_commits(
    library: Library,
) -> None:
    followed: list[str] = []
    library.after_commit.append(lambda: followed.append("written"))
    with library.write(durable=False) as db:
        note(db, "made again")
    assert followed == []
    with library.write() as db:
        note(db, "handed over")
    assert followed == ["written"]


def test_a_reader_does_not_see_a_write_before_its_commit(library: Library) -> None:
    with library.write() as db:
        note(db, "soon")
        assert names(library) == []
    assert names(library) == ["soon"]


def test_a_reader_cannot_write(library: Library) -> None:
    with pytest.raises(LibraryUnusable, match="readonly"), library.read() as db:
        note(db, "no")


def test_writers_take_turns(library: Library) -> None:
    def write(number: int) -> None:
        with library.write() as db:
            note(db, f"{number:02}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(library)) == 20


def test_a_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    path = tmp_path / "albums.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(LibraryUnusable, match="is damaged"):
        Library(path)
    assert path.read_bytes().startswith(b"this is not")


def test_a_database_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    Library(tmp_path / "albums.db").close()
    db = Database(tmp_path / "albums.db")
    db["_sqlite_migrations"].insert(  # type: ignore[union-attr]
        {"id": 999, "migration_set": "albums", "name": "from_the_future", "applied_at": "2030"}
    )
    db.close()
    with pytest.raises(LibraryUnusable, match=r"newer.*from_the_future"):
        Library(tmp_path / "albums.db")


def test_a_locked_database_is_one_clear_sentence(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(library.path, isolation_level=None)
    other.execute("begin immediate")
    library._writer.execute("pragma busy_timeout = 50")
    with pytest.raises(LibraryUnusable, match="is locked"), library.write():
        pass
    other.rollback()
    other.close()


def test_a_full_disk_is_said_as_such(library: Library) -> None:
    pages = library._writer.execute("pragma page_count").fetchone()[0]
    library._writer.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(DiskFull), library.write() as db:
        db.execute("insert into notes values ('big', ?)", ("x" * 1_000_000,))
    assert names(library) == []


def test_an_upgrade_keeps_a_copy_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Library(tmp_path / "albums.db").close()
    assert list(tmp_path.glob("*.backup")) == []
    monkeypatch.setattr(MIGRATIONS, "_migrations", list(MIGRATIONS._migrations))

    def later(db: Database) -> None:
        db.execute("create table later (id integer)")

    MIGRATIONS(name="later")(later)

    Library(tmp_path / "albums.db").close()
    assert len(list(tmp_path.glob("*.backup"))) == 1
