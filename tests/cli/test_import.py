"""`albums import` of an export of another service, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from albums.cli.import_export import EXPORTS
from albums.sources import KINDS
from tests.cli.conftest import Ask, Run
from tests.sources.archives.made import make_zip
from tests.sources.importing.exports import FIRST, TAKEN, YEAR, photo, said, small_export


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    return small_export(tmp_path / "downloads")


def test_the_help_names_every_kind_of_export() -> None:
    assert list(EXPORTS) == [kind.name for kind in KINDS]


def test_a_takeout_ends_with_a_green_receipt(ask: Ask, parts: tuple[Path, Path]) -> None:
    report = ask("import", "takeout", *map(str, parts))
    [summary] = report["summary"].values()
    assert summary["verdict"] == "green"
    assert report["receipts"] == [1]
    again = ask("import", "takeout", str(parts[0].parent))
    assert (again["ingested"], again["receipts"]) == (0, [1])


def test_a_person_is_told_what_landed_and_what_did_not(run: Run, tmp_path: Path) -> None:
    files = {f"{YEAR}/A.jpg": photo(1), f"{YEAR}/A.jpg.json": said("A.jpg"),
             f"{YEAR}/B.jpg.json": said("B.jpg", TAKEN + 1)}  # fmt: skip
    part = make_zip(tmp_path / FIRST, files)
    status, out, err = run("import", "takeout", str(part))
    assert status == 3, err
    assert "receipt 1 is red" in out
    assert "1 photo announced by Google was not in the export" in out


def test_a_dry_run_says_what_would_happen(run: Run, parts: tuple[Path, Path]) -> None:
    status, out, _err = run("import", "takeout", *map(str, parts), "--dry-run")
    assert status == 0
    assert "13 entries in 2 parts" in out
    assert "6 would be new" in out
    assert "nothing was kept" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["takeout"], "not said where the takeout export lies"),
        (["takeout", "/no/such.zip"], "There is no /no/such.zip"),
        (["dropbox", "/tmp"], "dropbox is no kind of export"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    run: Run, arguments: list[str], sentence: str
) -> None:
    status, _out, err = run("import", *arguments)
    assert status == 2
    assert sentence in err


def test_an_archive_named_as_a_folder_is_answered_with_the_right_command(
    run: Run, parts: tuple[Path, Path]
) -> None:
    status, _out, err = run("import", str(parts[0]))
    assert status == 2
    assert f"albums import takeout {parts[0]}" in err
