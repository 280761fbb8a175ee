"""A receipt adds up, is green only where everything is proven, and cannot be altered unseen."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from albums.errors import DiskFull
from albums.ingest.receive import Receiver
from albums.library.assets import asset_by_sha
from albums.library.import_receipts import (
    ReceiptWriter,
    anchors,
    chain_faults,
    read_lines,
    receipt_numbers,
)
from albums.library.imports import put_entry
from albums.library.tombstones import bury
from albums.sources.archives.parts import Part, Unreadable
from albums.sources.importing.kind import Album, Announced, Said
from albums.sources.importing.receipt import Receipt, read_receipt, receipts, write_receipt
from tests.arrivals import arrival_of
from tests.sources.importing.journal import Journal

LINK = "https://photos.google.com/photo/1"
ACTOR = "local://shell"


@pytest.fixture
def journal(receiver: Receiver) -> Journal:
    return Journal(receiver)


def write(journal: Journal, **fields: Any) -> Receipt:
    return write_receipt(journal.receiver, journal.brought(**fields), ACTOR)


def of_type(receipt: Receipt, kind: str) -> list[dict[str, Any]]:
    return [line for line in read_lines(receipt.file) if line["type"] == kind]


def entries(receipt: Receipt) -> dict[str, dict[str, Any]]:
    return {line["path"]: line for line in of_type(receipt, "entry")}


def faults(receiver: Receiver, receipt: Receipt) -> list[str]:
    with receiver.library.read() as db:
        return list(chain_faults(receipt.file, anchors(db).get(receipt.file.name)))


def good(journal: Journal) -> None:
    """A photo with its JSON in another part, a copy of it in an album, and a folder."""
    first, second = journal.part(1), journal.part(2)
    paper = journal.paper(second, "Takeout/P/2019/a.jpg.json", b'{"title": "a.jpg"}')
    said = Said(papers=(paper.id,), pairing="owned", rule="exact", url=LINK)
    journal.photo(first, "Takeout/P/2019/a.jpg", b"photo", said)
    journal.photo(second, "Takeout/P/Beach/a.jpg", b"photo", said)
    journal.entry(second, "Takeout/P/Beach", "skipped", kind="folder")


def test_what_is_proven_and_adds_up_is_green(journal: Journal) -> None:
    good(journal)
    receipt = write(journal)
    assert receipt.seal["verdict"] == "green", receipt.seal["reasons"]
    assert receipt.seal["reasons"] == [
        "3 of 3 files, 28 bytes, read back and equal. 2 of 2 photos and videos proven."
    ]
    assert receipt.seal["reread"] == {"files": 2, "bytes": 23, "differ": 0}
    found = entries(receipt)
    photo, copy = found["Takeout/P/2019/a.jpg"], found["Takeout/P/Beach/a.jpg"]
    assert (photo["fate"], photo["verdict"], photo["pairing"]) == ("new", "proven", "owned")
    assert photo["sidecar"] == "Takeout/P/2019/a.jpg.json"
    assert photo["google_url"] == LINK
    assert copy["fate"] == "duplicate"
    assert copy["survivor"] == {"part": photo["part"], "path": photo["path"]}
    assert copy["asset"] == photo["asset"] == photo["sha256"]
    paper = found["Takeout/P/2019/a.jpg.json"]
    assert (paper["fate"], paper["verdict"], paper["asset"]) == ("sidecar", None, None)
    assert found["Takeout/P/Beach"]["fate"] == "folder"
    assert not faults(journal.receiver, receipt)


def test_the_sums_are_those_of_the_lines(journal: Journal) -> None:
    good(journal)
    receipt = write(journal)
    [totals] = of_type(receipt, "totals")
    assert totals["difference"] == {"files": 0, "bytes": 0}
    sums: dict[str, dict[str, list[int]]] = {}
    for line in of_type(receipt, "entry"):
        found = sums.setdefault(line["part"], {}).setdefault(line["fate"], [0, 0])
        found[0] += 1
        found[1] += line["size"]
    told = {
        part: {fate: [total["files"], total["bytes"]] for fate, total in fates.items()}
        for part, fates in totals["parts"].items()
    }
    assert told == sums


def test_an_entry_that_nobody_wrote_down_makes_a_difference(journal: Journal) -> None:
    part = journal.part()
    row = journal.photo(part, "a.jpg", b"photo", Said(pairing="owned"))
    with journal.receiver.library.write() as db:
        db.execute("delete from import_entries")
        put_entry(db, replace(row, position=1))
    receipt = write(journal)
    [totals] = of_type(receipt, "totals")
    assert totals["difference"] == {"files": 1, "bytes": 0}
    assert receipt.seal["verdict"] == "red"


def test_the_same_import_has_one_receipt(journal: Journal) -> None:
    good(journal)
    first = write(journal)
    again = write(journal, began_at="2025-01-01T00:00:00+00:00")
    assert (again.number, again.head) == (first.number, first.head)
    assert receipt_numbers(journal.receiver.library.path.parent) == [1]
    journal.part(3)
    assert write(journal).number == 2


def test_the_order_in_which_parts_came_does_not_show(receiver: Receiver, tmp_path: Path) -> None:
    journal = Journal(receiver)
    second = journal.part(2)
    journal.photo(second, "album/a.jpg", b"photo", Said(pairing="owned"))
    first = journal.part(1)
    journal.photo(first, "year/a.jpg", b"photo", Said(pairing="owned"))
    found = entries(write(journal))
    assert found["year/a.jpg"]["fate"] == "new"
    assert found["album/a.jpg"]["survivor"] == {"part": first.name, "path": "year/a.jpg"}


def test_a_copy_of_what_was_in_the_library_before_says_how_that_came(journal: Journal) -> None:
    journal.receiver.receive(arrival_of(b"photo", "IMG_1.jpg", origin="tailscale://phone"))
    journal.photo(journal.part(), "a.jpg", b"photo", Said(pairing="owned"))
    receipt = write(journal)
    survivor = entries(receipt)["a.jpg"]["survivor"]
    assert (survivor["name"], survivor["origin"]) == ("IMG_1.jpg", "tailscale://phone")
    assert receipt.seal["verdict"] == "green"


@pytest.mark.parametrize(
    ("pairing", "reason"),
    [("none", "says nothing"), ("ambiguous", "nobody can say which")],
)
def test_a_photo_without_its_json_is_uncertain(journal: Journal, pairing: Any, reason: str) -> None:
    journal.photo(journal.part(), "a.jpg", b"photo", Said(pairing=pairing))
    receipt = write(journal)
    assert entries(receipt)["a.jpg"]["verdict"] == "landed, metadata uncertain"
    assert receipt.seal["verdict"] == "red"
    assert reason in receipt.seal["reasons"][1]


def test_a_plain_folder_needs_no_papers(receiver: Receiver) -> None:
    journal = Journal(receiver, "folder", "photos")
    journal.photo(journal.part(), "a.jpg", b"photo")
    receipt = write(journal)
    [line] = of_type(receipt, "entry")
    assert (line["verdict"], line["url"]) == ("proven", None)
    assert "google_url" not in line
    assert receipt.seal["verdict"] == "green"
    assert "not_in_takeout" not in receipt.seal
    assert "Google" not in json.dumps(receipt.seal)


@pytest.mark.parametrize(
    ("state", "why"),
    [("changed", "other bytes"), ("missing", "is missing"), ("unreadable", "cannot read"),
     (None, "not read back")],
)  # fmt: skip
def test_what_does_not_read_back_has_not_landed(
    journal: Journal, state: str | None, why: str
) -> None:
    row = journal.photo(journal.part(), "a.jpg", b"photo", Said(pairing="owned"))
    assert row.sha
    journal.reread[row.sha] = state
    receipt = write(journal)
    line = entries(receipt)["a.jpg"]
    assert line["verdict"] == "not landed"
    assert why in line["why"]
    assert receipt.seal["verdict"] == "red"
    assert receipt.seal["reread"]["differ"] == (1 if state else 0)


@pytest.mark.parametrize(
    ("status", "fate", "size"),
    [("failed", "failed", 7), ("empty", "empty", 0), ("deleted", "deleted by you", 7)],
)
def test_what_did_not_come_in_is_named(journal: Journal, status: str, fate: str, size: int) -> None:
    journal.entry(journal.part(), "Takeout/lost.jpg", status, size=size)
    receipt = write(journal)
    line = entries(receipt)["Takeout/lost.jpg"]
    assert (line["fate"], line["verdict"], line["asset"]) == (fate, "not landed", None)
    assert receipt.seal["verdict"] == "red"
    assert "Takeout/lost.jpg" in receipt.seal["reasons"][1]
    assert of_type(receipt, "totals")[0]["difference"] == {"files": 0, "bytes": 0}


@pytest.mark.parametrize("path", ["Drive/notes.txt", "photos/.nomedia"])
def test_an_empty_file_that_is_no_photo_is_only_mentioned(journal: Journal, path: str) -> None:
    journal.entry(journal.part(), path, "empty")
    receipt = write(journal)
    assert receipt.seal["verdict"] == "green"
    assert any(path in said for said in receipt.seal["remarks"])


def test_what_google_announced_and_did_not_deliver_is_listed(journal: Journal) -> None:
    paper = journal.paper(journal.part(), "P/lost.jpg.json", b"{}")
    journal.understood.announced.append(Announced(paper.id, "lost.jpg", LINK))
    receipt = write(journal)
    [line] = of_type(receipt, "announced")
    assert (line["title"], line["url"], line["sidecar"]) == ("lost.jpg", LINK, "P/lost.jpg.json")
    assert receipt.seal["verdict"] == "red"
    assert receipt.seal["reasons"][1] == (
        "1 photo announced by Google was not in the export: see the links."
    )


def test_a_missing_number_is_a_gap_over_all_parts_ever_brought(journal: Journal) -> None:
    journal.part(1)
    journal.part(4)
    receipt = write(journal)
    [gap] = of_type(receipt, "gap")
    assert gap["missing"] == [2, 3]
    assert "2 parts of the export are missing: 2, 3." in receipt.seal["reasons"]
    assert any("last one" in remark for remark in receipt.seal["remarks"])


def test_a_damaged_part_is_red_until_it_came_again_whole(journal: Journal) -> None:
    part = journal.part(1, whole=False, problem="It ends early")
    journal.photo(part, "a.jpg", b"photo", Said(pairing="owned"))
    receipt = write(journal)
    assert receipt.seal["verdict"] == "red"
    assert "It ends early" in " ".join(receipt.seal["reasons"])
    journal.supersede(part)
    whole = journal.part(1, key="again")
    journal.photo(whole, "a.jpg", b"photo", Said(pairing="owned"))
    receipt = write(journal)
    assert receipt.seal["verdict"] == "green", receipt.seal["reasons"]
    assert len(of_type(receipt, "entry")) == 1
    assert entries(receipt)["a.jpg"]["fate"] == "new"


def test_an_archive_that_cannot_be_read_is_red(journal: Journal, tmp_path: Path) -> None:
    good(journal)
    journal.found.unreadable.append(Unreadable(tmp_path / "x.zip", "It is empty"))
    journal.found.repeated.append((tmp_path / "b (1).zip", tmp_path / "b.zip"))
    receipt = write(journal)
    assert "x.zip was not read: it is empty." in receipt.seal["reasons"]
    assert of_type(receipt, "repeated")


def test_a_paper_that_rotted_in_the_journal_is_red(journal: Journal) -> None:
    good(journal)
    with journal.receiver.library.write() as db:
        db.execute("update import_entries set paper = X'00' where paper is not null")
    receipt = write(journal)
    assert receipt.seal["verdict"] == "red"
    assert receipt.seal["reread"]["differ"] == 1


def test_collections_say_how_many_were_expected(journal: Journal) -> None:
    part = journal.part()
    here = journal.photo(part, "B/a.jpg", b"photo", Said(pairing="owned"))
    lost = journal.entry(part, "B/b.jpg", "failed")
    journal.understood.albums.append(
        Album("B", "Beach", members=(here.id, lost.id), absent=("c.jpg",))
    )
    [line] = of_type(write(journal), "collection")
    assert (line["title"], line["expected"], line["landed"]) == ("Beach", 3, 1)
    assert line["absent"] == ["c.jpg"]


def test_moments_that_no_zone_explains_are_conflicts(journal: Journal) -> None:
    part = journal.part()
    for name, captured in (("same.jpg", "2019-05-01T12:00:00"), ("off.jpg", "2019-05-03T12:07:00")):
        said = Said(pairing="owned", taken="2019-05-01T10:00:00+00:00")
        journal.photo(part, name, name.encode(), said, captured=captured)
    receipt = write(journal)
    assert [p for p, line in entries(receipt).items() if "captured_conflict" in line] == ["off.jpg"]
    assert receipt.seal["counts"]["captured_conflicts"] == 1


def test_the_receipt_is_in_the_audit_log(journal: Journal) -> None:
    good(journal)
    receipt = write(journal)
    [entry] = [e for e in journal.receiver.audit.entries() if e.action == "import-receipt"]
    assert (entry.actor, entry.detail) == (
        ACTOR, {"file": receipt.file.name, "head": receipt.head, "verdict": "green"},
    )  # fmt: skip


def test_a_receipt_that_the_log_missed_is_written_there_by_the_next_run(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(journal)

    def cut(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journal.receiver.audit, "record", cut)
        with pytest.raises(KeyboardInterrupt):
            write(journal)
    receipt = read_receipt(journal.receiver.library.path.parent, 1)
    assert faults(journal.receiver, receipt) == ["The audit log does not know of it"]
    assert write(journal).number == 1
    assert not faults(journal.receiver, receipt)


def test_a_disk_that_is_full_leaves_no_receipt(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(journal)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull, match="All that came in is kept"):
        write(journal)
    assert not list(journal.receiver.library.path.parent.glob("*import-receipt*"))


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"verdict": "red"', b'"verdict": "green"'), (b"lost.jpg", b"last.jpg")],
)
def test_an_altered_receipt_shows(journal: Journal, before: bytes, after: bytes) -> None:
    journal.entry(journal.part(), "lost.jpg", "failed")
    receipt = write(journal)
    content = receipt.file.read_bytes()
    assert before in content
    receipt.file.write_bytes(content.replace(before, after))
    assert any("was altered" in fault for fault in faults(journal.receiver, receipt))


def test_a_line_that_was_cut_out_shows(journal: Journal) -> None:
    good(journal)
    receipt = write(journal)
    lines = receipt.file.read_bytes().splitlines(keepends=True)
    receipt.file.write_bytes(b"".join(lines[:3] + lines[4:]))
    assert faults(journal.receiver, receipt) == ["Line 4 does not follow from the line before"]
    receipt.file.write_bytes(b"".join(lines[:-1]))
    assert "without its seal" in faults(journal.receiver, receipt)[0]
    receipt.file.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    assert "is damaged" in faults(journal.receiver, receipt)[0]


def test_one_that_was_made_anew_after_it_was_altered_shows(journal: Journal) -> None:
    """The chain can be computed again by whoever alters it; the audit log knows the old end."""
    good(journal)
    receipt = write(journal)
    lines = list(read_lines(receipt.file))
    receipt.file.unlink()
    with ReceiptWriter(receipt.file.parent) as writer:
        for line in lines:
            plain = {k: v for k, v in line.items() if k not in ("previous", "hash")}
            writer.add(plain | ({"verdict": "not landed"} if plain["type"] == "entry" else {}))
        writer.keep(receipt.file)
    assert faults(journal.receiver, receipt) == ["The audit log knows another end of it"]


def test_a_receipt_that_is_gone_is_missed_and_its_number_not_given_again(
    journal: Journal,
) -> None:
    good(journal)
    write(journal).file.unlink()
    [gone] = receipts(journal.receiver.library)
    assert isinstance(gone, tuple)
    assert (gone[0], gone[1].what) == (1, "import-receipt-0001.jsonl is missing")
    assert write(journal).number == 2


def test_a_part_read_by_two_names_of_folders_stays_apart(journal: Journal) -> None:
    for key in ("/a/Takeout", "/b/Takeout"):
        part = journal.part(key=key, name="Takeout", kind="folder")
        journal.photo(part, f"{key}.jpg", key.encode(), Said(pairing="owned"))
    [totals] = of_type(write(journal), "totals")
    assert list(totals["parts"]) == ["Takeout", "Takeout (2)"]


def test_a_photo_that_the_owner_deleted_since_is_said_to_be(journal: Journal) -> None:
    row = journal.photo(journal.part(), "a.jpg", b"photo", Said(pairing="owned"))
    with journal.receiver.library.write() as db:
        _purge(db, row.sha)
    receipt = write(journal)
    line = entries(receipt)["a.jpg"]
    assert (line["fate"], line["verdict"]) == ("deleted by you", "not landed")
    assert of_type(receipt, "totals")[0]["difference"] == {"files": 0, "bytes": 0}


def _purge(db: sqlite3.Connection, sha: str | None) -> None:
    assert sha
    bury(db, asset_by_sha(db, sha), ACTOR)
    db.execute("delete from assets where sha = ?", (sha,))


def test_a_zip_in_hand_is_no_part_of_the_receipt(journal: Journal, tmp_path: Path) -> None:
    """Only what the journal has counts, whatever this run was given."""
    good(journal)
    journal.found.parts.append(Part(tmp_path / "other.zip", "zip", 10))
    assert write(journal).seal["counts"]["parts"] == 2
