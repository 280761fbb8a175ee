"""`albums import apple | flickr | sidecars`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Ask, Run
from tests.sources.archives.made import make_zip
from tests.sources.beside.test_xmp_said import xmp
from tests.sources.flickr import test_flickr as flickr
from tests.sources.importing.exports import photo
from tests.sources.importing.test_kinds import apple_zips, write


def test_an_export_of_apple(ask: Ask, tmp_path: Path) -> None:
    apple_zips(tmp_path / "downloads")
    report = ask("import", "apple", str(tmp_path / "downloads"))
    [(name, summary)] = report["summary"].items()
    assert (name, summary["verdict"]) == ("iCloud Photos Part, 2 parts", "green")
    again = ask("import", "apple", str(tmp_path / "downloads"))
    assert (again["ingested"], again["receipts"]) == (0, report["receipts"])


def test_an_export_of_flickr_of_which_a_photo_did_not_come(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    make_zip(folder / "data-download-1.zip", {"river_111_o.jpg": photo(1)})
    papers = {f"photo_{n}.json": json.dumps(flickr.photo(n)).encode() for n in ("111", "222")}
    make_zip(folder / "7215_ab12_part1.zip", papers)
    status, out, err = run("import", "flickr", str(folder))
    assert status == 3, err
    assert "receipt 1 is red" in out
    assert "1 photo announced by the export was not in the export" in out
    status, out, _ = run("receipt", "deletable")
    assert "https://www.flickr.com/photos/someone/111/" in out


def test_a_folder_with_sidecars(ask: Ask, tmp_path: Path) -> None:
    sidecar = xmp("<dc:title>Pier</dc:title>")
    folder = write(tmp_path / "immich", {"I.jpg": photo(1), "I.jpg.xmp": sidecar})
    report = ask("import", "sidecars", str(folder))
    [summary] = report["summary"].values()
    assert summary["verdict"] == "green"
    assert ask("import", "sidecars", str(folder), "--dry-run")["summary"]
