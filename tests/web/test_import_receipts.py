"""Receipts of imports over HTTP and on their pages."""

from __future__ import annotations

import csv
import io
import json
import time
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.sources.importing.importer import ExportProgress
from albums.sources.importing.kind import Announced, Said
from albums.sources.importing.receipt import Receipt, write_receipt
from tests.sources.importing.journal import Journal

RECEIPTS = "/api/v1/import-receipts"
KEYS = ["part", "path", "size", "sha256", "fate", "asset", "sidecar", "pairing", "verdict",
        "google_url"]  # fmt: skip
LINK = "https://photos.google.com/photo/1"
HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>.jpg"


@pytest.fixture
def journal(albums: Albums) -> Journal:
    """One photo that is proven, one with a name that is an attack, one announced."""
    journal = Journal(albums.receiver)
    part = journal.part()
    paper = journal.paper(part, "a.jpg.json", b"{}")
    journal.photo(part, "a.jpg", b"a", Said(pairing="owned", url=LINK, papers=(paper.id,)))
    journal.photo(part, HOSTILE, b"b", Said(pairing="none"))
    journal.understood.announced.append(Announced(paper.id, "lost", "javascript:alert(1)"))
    return journal


@pytest.fixture
def receipt(journal: Journal) -> Receipt:
    return write_receipt(journal.receiver, journal.brought(), "local://shell")


def ended(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 10
    while job["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        job = client.get(f"{RECEIPTS}/checks/{job['id']}").json()
    return job


def test_receipts_are_listed_newest_first_and_read(client: TestClient, receipt: Receipt) -> None:
    [listed] = client.get(RECEIPTS).json()["receipts"]
    assert (listed["number"], listed["verdict"]) == (1, "red")
    assert listed["import"] == "takeout-20240516T230250Z"
    found = client.get(f"{RECEIPTS}/1").json()
    assert found["totals"]["difference"] == {"files": 0, "bytes": 0}
    assert [line["title"] for line in found["announced"]] == ["lost"]
    assert [line["path"] for line in found["uncertain"]] == [HOSTILE]
    assert found["not_in_takeout"]
    assert client.get(f"{RECEIPTS}/2").status_code == 404


def test_lists_are_cut_and_say_so(client: TestClient, receipt: Receipt) -> None:
    found = client.get(f"{RECEIPTS}/1?limit=0").json()
    assert (found["uncertain"], found["cut"]["uncertain"]) == ([], 1)


def test_the_jsonl_has_one_object_an_entry_with_these_keys(
    client: TestClient, receipt: Receipt
) -> None:
    answer = client.get(f"{RECEIPTS}/1/file?format=jsonl")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [list(row) for row in rows] == [KEYS] * 3
    assert rows[1] == {
        "part": "takeout-20240516T230250Z-001.zip", "path": "a.jpg", "size": 1,
        "sha256": rows[1]["asset"], "fate": "new", "asset": rows[1]["sha256"],
        "sidecar": "a.jpg.json", "pairing": "owned", "verdict": "proven", "google_url": LINK,
    }  # fmt: skip


def test_no_cell_of_the_csv_is_taken_for_a_formula(client: TestClient, receipt: Receipt) -> None:
    answer = client.get(f"{RECEIPTS}/1/file?format=csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert list(rows[0]) == KEYS
    assert [row["path"] for row in rows] == ["a.jpg.json", "a.jpg", f"'{HOSTILE}"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]


def test_the_page_to_keep_needs_nothing_and_runs_nothing(
    client: TestClient, receipt: Receipt
) -> None:
    answer = client.get(f"{RECEIPTS}/1/file?format=html")
    page = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "src=" not in page
    assert "<link" not in page
    assert "&lt;script&gt;" in page


def test_the_chain_is_the_file_itself(client: TestClient, receipt: Receipt) -> None:
    answer = client.get(f"{RECEIPTS}/1/file?format=chain")
    assert answer.content == receipt.file.read_bytes()


@pytest.mark.parametrize("format", ["jsonl", "csv", "html"])
def test_an_altered_receipt_is_not_handed_out(
    client: TestClient, receipt: Receipt, format: str
) -> None:
    receipt.file.write_bytes(receipt.file.read_bytes().replace(b'"uncertain"', b'"uncertein"'))
    receipt.file.write_bytes(receipt.file.read_bytes().replace(b"a.jpg", b"c.jpg"))
    answer = client.get(f"{RECEIPTS}/1/file?format={format}")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "damaged-receipt"
    assert client.get(f"{RECEIPTS}/1/file?format=chain").status_code == 200


def test_a_check_reads_everything_again(client: TestClient, receipt: Receipt) -> None:
    started = client.post(f"{RECEIPTS}/1/checks")
    assert started.status_code == 202
    found = ended(client, started.json())
    assert (found["whole"], found["files"], found["broken"]) == (True, 3, 0)
    assert client.post(f"{RECEIPTS}/7/checks").status_code == 404


def test_what_may_be_deleted_is_told_and_listed(client: TestClient, receipt: Receipt) -> None:
    found = client.get(f"{RECEIPTS}/1/deletable").json()
    assert found["counts"] == {"now": 0, "not yet": 3, "not covered": 0}
    assert found["second_copy_at"] is None
    assert [item["google_url"] for item in found["items"]] == [LINK, None, "javascript:alert(1)"]
    rows = client.get(f"{RECEIPTS}/1/deletable/file?format=csv").text.splitlines()
    assert rows[0].endswith("state,why,path,google_url,files")
    assert len(rows) == 4
    lines = client.get(f"{RECEIPTS}/1/deletable/file").text.splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["not yet"] * 3


def test_a_missing_receipt_is_listed_as_missing(client: TestClient, receipt: Receipt) -> None:
    receipt.file.unlink()
    [listed] = client.get(RECEIPTS).json()["receipts"]
    assert (listed["number"], "missing" in listed["damaged"]) == (1, True)
    assert "cannot be read" in client.get("/imports").text


def test_the_pages_show_what_strangers_wrote_as_text(client: TestClient, receipt: Receipt) -> None:
    assert 'href="/imports/1"' in client.get("/imports").text
    page = client.get("/imports/1").text
    assert "Not everything is proven" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<b>0</b> now" in client.get("/imports/1/deletable").text
    assert client.get("/imports/9").status_code == 404


def test_the_page_reads_everything_again_when_asked(client: TestClient, receipt: Receipt) -> None:
    answer = client.post("/imports/1/check", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports/1")
    deadline = time.monotonic() + 10
    while "data-running" in (page := client.get("/imports/1/check").text):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "Everything is as it was kept" in page


def test_the_page_shows_how_far_an_import_is(client: TestClient, albums: Albums) -> None:
    progress = ExportProgress("/home/ann/Downloads", source="takeout")
    progress.begin_reading(4_000_000_000)
    progress.bytes_done, progress.found = 1_000_000_000, 12345
    progress.part, progress.now = "takeout-1.zip", "Takeout/<b>.jpg"
    goes_on = Event()

    def work(stop: Event) -> None:
        goes_on.wait(10)
        progress.end("done")

    app = client.app
    assert isinstance(app, FastAPI)
    job = app.state.imports.start(progress, work)
    shown = client.get("/imports/now").text
    goes_on.set()
    job.wait()
    assert "data-running" in shown
    for told in ("12,345 files", "1.0 GB of 4.0 GB", "a second", "left", "takeout-1.zip",
                 "Takeout/&lt;b&gt;.jpg"):  # fmt: skip
        assert told in shown
    assert "data-running" not in client.get("/imports/now").text


def test_the_browser_may_not_ask_for_imports_of_the_disk(client: TestClient) -> None:
    """The page shows them; starting one is for the shell alone."""
    assert client.post("/api/v1/imports", json={"path": "/etc"}).status_code == 403
