"""The audit log is append-only, and tampering shows."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from albums.library.audit import Audit
from albums.library.database import Library


@pytest.fixture
def audit(library: Library, tmp_path: Path) -> Audit:
    audit = Audit(library, tmp_path / "audit.jsonl")
    for number in range(3):
        with library.write() as db:
            audit.record(db, "test://phone", "ingested", "ab" * 32, name=f"{number}.jpg")
    return audit


def test_an_untouched_log_has_no_findings(audit: Audit) -> None:
    assert audit.check() == []
    assert [entry.detail["name"] for entry in audit.entries()] == ["2.jpg", "1.jpg", "0.jpg"]


def test_an_entry_is_in_the_file_when_its_transaction_ends(audit: Audit) -> None:
    assert len(audit.file.read_text().splitlines()) == 3


def test_a_transaction_that_fails_leaves_no_entry(audit: Audit) -> None:
    with pytest.raises(RuntimeError), audit.library.write() as db:
        audit.record(db, "test://phone", "trashed")
        raise RuntimeError
    assert len(audit.entries()) == 3
    assert len(audit.file.read_text().splitlines()) == 3


def test_an_altered_entry_shows(audit: Audit) -> None:
    with audit.library.write() as db:
        db.execute("update audit set actor = 'somebody else' where id = 2")
    assert (2, "was altered") in [(f.id, f.what) for f in audit.check()]


def test_a_removed_entry_shows(audit: Audit) -> None:
    with audit.library.write() as db:
        db.execute("delete from audit where id = 2")
    assert [(f.id, f.what) for f in audit.check()] == [(2, "missing up to 2")]


def test_an_altered_line_of_the_file_shows(audit: Audit) -> None:
    lines = audit.file.read_text().splitlines(keepends=True)
    audit.file.write_text("".join([lines[0], lines[2]]))
    assert [f.id for f in audit.check()] == [2]


def test_a_half_written_line_is_written_again(audit: Audit) -> None:
    whole = audit.file.read_bytes()
    audit.file.write_bytes(whole[:-20])
    again = Audit(audit.library, audit.file)
    assert audit.file.read_bytes() == whole
    assert again.check() == []


@contextmanager
def room_for(file: Path, more: int) -> Iterator[None]:
    """No file can be longer than this one and so many bytes: what a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_for_which_there_was_no_room_is_written_when_there_is(audit: Audit) -> None:
    with audit.library.write() as db:
        audit.record(db, "test://phone", "trashed", "ab" * 32)
        audit.library.after_commit.clear()
    with room_for(audit.file, 20), pytest.raises(OSError, match="large"):
        audit.flush()
    audit.flush()
    assert audit.check() == []
    assert len(audit.file.read_text().splitlines()) == 4


def test_pages_of_the_log_follow_each_other(audit: Audit) -> None:
    first = audit.entries(limit=2)
    assert [e.id for e in first] == [3, 2]
    assert [e.id for e in audit.entries(limit=2, before=first[-1].id)] == [1]
