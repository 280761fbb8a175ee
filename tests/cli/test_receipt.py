"""`albums receipt`, from the archives of a Takeout to what may be deleted."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run
from tests.sources.importing.exports import small_export


@pytest.fixture
def imported(tmp_path: Path, run: Run) -> Path:
    """The folder of the library into which both parts came."""
    first, second = small_export(tmp_path / "downloads")
    status, _, err = run("import", "takeout", str(first), str(second))
    assert status == 0, err
    return tmp_path / "library"


def test_a_receipt_is_shown_verified_and_exported(imported: Path, run: Run, ask: Ask) -> None:
    status, said, _ = run("receipt", "show")
    assert status == 0
    assert "GREEN" in said
    assert "Difference: 0 files, 0 bytes." in said
    assert run("receipt", "list")[1].count("takeout-20240516T230250Z") == 1
    status, said, _ = run("receipt", "verify")
    assert (status, "Everything is as it was kept." in said) == (0, True)
    lines = run("receipt", "export")[1].splitlines()
    shown = ask("receipt", "show")
    assert len(lines) == shown["counts"]["files"] == 13
    assert {json.loads(line)["verdict"] for line in lines} == {None, "proven"}


def test_an_export_to_a_file_is_whole_or_not_there(imported: Path, run: Run) -> None:
    to = imported.parent / "receipt.html"
    assert run("receipt", "export", "1", "--format", "html", "--to", str(to))[0] == 0
    assert to.read_text().rstrip().endswith("</html>")
    status, _, err = run("receipt", "export", "--to", str(imported.parent / "no" / "x.csv"))
    assert (status, "cannot be written" in err) == (2, True)
    assert run("receipt", "export", "7", "--to", str(imported.parent / "7"))[0] == 4
    assert not (imported.parent / "7").exists()


def test_an_original_that_rotted_breaks_the_receipt(imported: Path, run: Run) -> None:
    original = next(imported.glob("originals/*/*.jpg"))
    original.chmod(0o644)
    original.write_bytes(b"other bytes")
    status, said, err = run("receipt", "verify")
    assert (status, "NOT everything" in said) == (1, True)
    assert "other bytes" in err


def test_a_receipt_that_was_altered_is_found_out(imported: Path, run: Run) -> None:
    file = imported / "import-receipt-0001.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"duplicate"', b'"new"', 1))
    status, _, err = run("receipt", "verify")
    assert (status, "is not what was written" in err) == (1, True)


def test_photos_may_go_once_there_is_a_second_copy(
    imported: Path, run: Run, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("receipt", "deletable")["counts"] == {"now": 0, "not yet": 3, "not covered": 0}
    record = {"copy": {"last_backup": {"at": "2999-01-01T00:00:00+00:00", "lost": 0}}}
    (imported / "backups.json").write_text(json.dumps({"schema": 1, "backups": record}))
    found = ask("receipt", "deletable")
    assert found["counts"] == {"now": 3, "not yet": 0, "not covered": 0}
    assert {item["state"] for item in found["items"]} == {"now"}
    rows = list(csv.DictReader(io.StringIO(run("receipt", "deletable", "--csv")[1])))
    assert len(rows) == 3
    assert all(row["google_url"].startswith("https://photos.google.com/") for row in rows)


def test_without_a_receipt_it_is_said_how_to_get_one(run: Run) -> None:
    status, _, err = run("receipt", "show")
    assert (status, "There is no receipt yet" in err) == (4, True)
    assert run("receipt", "list")[0] == 0
