"""What may be deleted elsewhere is what is proven, still here, and copied once more."""

from __future__ import annotations

from typing import Any

import pytest

from albums.ingest.receive import Receiver
from albums.library.checks import Finding, note_damage
from albums.library.import_receipts import DamagedReceipt
from albums.sources.importing.deletable import NO_COPY, deletable, exported_at
from albums.sources.importing.kind import Announced, Said
from albums.sources.importing.receipt import write_receipt
from tests.arrivals import arrival_of
from tests.sources.importing.journal import Journal

LATER = "2999-01-01T00:00:00+00:00"


def link(number: int) -> str:
    return f"https://photos.google.com/photo/{number}"


def owned(number: int) -> Said:
    return Said(pairing="owned", url=link(number))


@pytest.fixture
def journal(receiver: Receiver) -> Journal:
    return Journal(receiver)


def ask(journal: Journal, copied_at: str | None = LATER) -> dict[str, tuple[str, str]]:
    """By path: state and why."""
    receipt = write_receipt(journal.receiver, journal.brought(), "local://shell")
    found = deletable(journal.receiver.library, receipt.number, copied_at)
    return {item.path: (item.state, item.why) for item in found.items}


def test_a_proven_photo_with_a_second_copy_may_go(journal: Journal) -> None:
    journal.photo(journal.part(), "a.jpg", b"a", owned(1))
    assert ask(journal) == {"a.jpg": ("now", "")}


@pytest.mark.parametrize("copied_at", [None, "2024-06-01T10:00:00+00:00"])
def test_without_a_copy_made_after_the_receipt_nothing_may_go(
    journal: Journal, copied_at: str | None
) -> None:
    journal.photo(journal.part(), "a.jpg", b"a", owned(1))
    assert ask(journal, copied_at) == {"a.jpg": ("not yet", NO_COPY)}


def test_copies_of_one_photo_are_one_and_all_must_be_proven(journal: Journal) -> None:
    part = journal.part()
    journal.photo(part, "year/a.jpg", b"a", owned(1))
    journal.photo(part, "album/a.jpg", b"a", owned(1))
    journal.photo(part, "year/b.jpg", b"b", owned(2))
    said = Said(pairing="inherited", url=link(2))
    edited = journal.photo(part, "year/b-edited.jpg", b"edited", said)
    assert edited.sha
    journal.reread[edited.sha] = "changed"
    found = ask(journal)
    assert found["year/a.jpg"] == ("now", "")
    assert found["year/b.jpg"][0] == "not yet"
    assert set(found) == {"year/a.jpg", "year/b.jpg"}


def test_uncertain_and_announced_photos_stay(journal: Journal) -> None:
    part = journal.part()
    journal.photo(part, "a.jpg", b"a", Said(pairing="ambiguous"))
    paper = journal.paper(part, "lost.jpg.json", b"{}")
    journal.entry(part, "broken.jpg", "failed", why="It ends early")
    journal.understood.announced.append(Announced(paper.id, "lost.jpg", link(3)))
    found = ask(journal)
    assert {state for state, _ in found.values()} == {"not yet"}
    assert set(found) == {"a.jpg", "broken.jpg", "lost.jpg"}
    assert found["broken.jpg"][1] == "It ends early"


def test_what_happened_here_since_counts(journal: Journal) -> None:
    part = journal.part()
    rows = {n: journal.photo(part, f"{n}.jpg", n.encode(), owned(ord(n))) for n in "abc"}
    receipt = write_receipt(journal.receiver, journal.brought(), "local://shell")
    with journal.receiver.library.write() as db:
        db.execute("delete from assets where sha = ?", (rows["a"].sha,))
        db.execute("update assets set trashed_at = '2024-07-01' where sha = ?", (rows["b"].sha,))
        note_damage(db, Finding("changed", "originals/x", rows["c"].sha))
    found = deletable(journal.receiver.library, receipt.number, LATER)
    assert {item.path: item.why for item in found.items} == {
        "a.jpg": "You deleted it here since",
        "b.jpg": "It lies in the trash here",
        "c.jpg": "It was found damaged here since",
    }


def test_photos_taken_after_the_export_are_not_covered(journal: Journal) -> None:
    journal.photo(journal.part(), "a.jpg", b"a", owned(1))
    journal.receiver.receive(arrival_of(b"new", "new.jpg"))
    journal.receiver.receive(arrival_of(b"old", "old.jpg"))
    with journal.receiver.library.write() as db:
        db.execute("update assets set kind = 'photo', captured_utc = 1715900570 - 9")
        db.execute("update assets set captured_utc = 1715900570 + 9 where name = 'new.jpg'")
    found = ask(journal)
    assert found["new.jpg"][0] == "not covered"
    assert "old.jpg" not in found


def test_nothing_is_said_on_the_word_of_an_altered_receipt(journal: Journal) -> None:
    journal.photo(journal.part(), "a.jpg", b"a", Said(pairing="none"))
    receipt = write_receipt(journal.receiver, journal.brought(), "local://shell")
    content = receipt.file.read_bytes()
    receipt.file.write_bytes(content.replace(b'"landed, metadata uncertain"', b'"proven"'))
    with pytest.raises(DamagedReceipt):
        deletable(journal.receiver.library, receipt.number, LATER)


def test_a_missing_part_is_remarked(journal: Journal) -> None:
    journal.part(1)
    journal.part(3, whole=False)
    receipt = write_receipt(journal.receiver, journal.brought(), "local://shell")
    remarks = deletable(journal.receiver.library, receipt.number, LATER).remarks
    assert "missing parts 2" in remarks[1]
    assert "003.zip was not read to its end" in remarks[0]


@pytest.mark.parametrize(
    ("name", "when"),
    [("takeout-20240516T230250Z", 1715900570), ("takeout-20240516T230250Z-3", 1715900570),
     ("photos", None), ("takeout-20249999T999999Z", None)],
)  # fmt: skip
def test_the_name_of_an_export_says_when_it_was_made(name: str, when: Any) -> None:
    found = exported_at(name)
    assert (found and found.timestamp()) == when
