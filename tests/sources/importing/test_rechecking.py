"""A receipt can be checked on any later day: it, and every byte that it speaks of."""

from __future__ import annotations

from threading import Event

import pytest

from albums.ingest.receive import Receiver
from albums.library.assets import asset_by_sha
from albums.library.checks import findings
from albums.library.tombstones import bury
from albums.sources.importing.kind import Said
from albums.sources.importing.receipt import Receipt, write_receipt
from albums.sources.importing.rechecking import Recheck, check_receipt
from tests.sources.importing.journal import Journal


@pytest.fixture
def journal(receiver: Receiver) -> Journal:
    """Two photos, one of them twice, and a paper."""
    journal = Journal(receiver)
    part = journal.part()
    for path, content in (("a.jpg", b"a"), ("b.jpg", b"bb"), ("album/a.jpg", b"a")):
        journal.photo(part, path, content, Said(pairing="owned"))
    journal.paper(part, "a.jpg.json", b"{}")
    return journal


def write(journal: Journal) -> Receipt:
    return write_receipt(journal.receiver, journal.brought(), "local://shell")


def check(journal: Journal, receipt: Receipt) -> Recheck:
    progress = Recheck(receipt.number)
    check_receipt(journal.receiver, receipt.number, progress, Event())
    assert progress.state == "done"
    return progress


def damage(journal: Journal, path: str, content: bytes | None) -> str:
    """Other bytes under the name of an original, or none."""
    with journal.receiver.library.read() as db:
        sha = db.execute("select sha from import_entries where path = ?", (path,)).fetchone()[0]
        asset = asset_by_sha(db, sha)
    file = journal.receiver.vault.originals.path(sha, asset.extension)
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    return str(sha)


def test_what_is_whole_is_read_once_each(journal: Journal) -> None:
    found = check(journal, write(journal))
    assert found.as_json()["whole"]
    assert (found.files, found.files_total) == (3, 3)
    assert (found.bytes_done, found.bytes_total) == (5, 5)


@pytest.mark.parametrize(("content", "why"), [(b"x", "other bytes"), (None, "is gone")])
def test_an_original_that_rotted_is_found_and_written_down(
    journal: Journal, content: bytes | None, why: str
) -> None:
    receipt = write(journal)
    sha = damage(journal, "b.jpg", content)
    found = check(journal, receipt)
    assert not found.as_json()["whole"]
    [broken] = found.broken_files
    assert (broken["path"], broken["sha256"]) == ("b.jpg", sha)
    assert why in broken["why"]
    with journal.receiver.library.read() as db:
        assert [finding.sha for finding in findings(db)] == [sha]


def test_what_the_owner_deleted_since_is_not_broken(journal: Journal) -> None:
    receipt = write(journal)
    sha = damage(journal, "b.jpg", None)
    with journal.receiver.library.write() as db:
        bury(db, asset_by_sha(db, sha), "local://shell")
        db.execute("delete from assets where sha = ?", (sha,))
    found = check(journal, receipt)
    assert (found.deleted, found.broken) == (1, 0)


def test_a_row_that_is_gone_is_broken(journal: Journal) -> None:
    receipt = write(journal)
    with journal.receiver.library.write() as db:
        db.execute("delete from assets where name = 'b.jpg'")
    assert check(journal, receipt).broken == 1


@pytest.mark.parametrize("paper", ["X'00'", "null"])
def test_a_paper_that_rotted_is_found(journal: Journal, paper: str) -> None:
    receipt = write(journal)
    with journal.receiver.library.write() as db:
        db.execute(f"update import_entries set paper = {paper}")
    [broken] = check(journal, receipt).broken_files
    assert broken["path"] == "a.jpg.json"


def test_an_altered_receipt_is_not_whole_though_every_byte_is(journal: Journal) -> None:
    receipt = write(journal)
    receipt.file.write_bytes(receipt.file.read_bytes().replace(b"album/a.jpg", b"album/b.jpg"))
    found = check(journal, receipt)
    assert found.broken == 0
    assert found.faults
    assert not found.as_json()["whole"]


def test_half_a_receipt_is_said_to_be_damaged(journal: Journal) -> None:
    receipt = write(journal)
    receipt.file.write_bytes(receipt.file.read_bytes()[:-20])
    found = check(journal, receipt)
    assert any("damaged" in fault for fault in found.faults)


def test_it_stops_when_it_is_told_to(journal: Journal) -> None:
    receipt, stop, progress = write(journal), Event(), Recheck(1)
    stop.set()
    check_receipt(journal.receiver, receipt.number, progress, stop)
    assert progress.state == "stopped"
    assert not progress.as_json()["whole"]
