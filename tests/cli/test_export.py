"""`albums export DIR` as a person uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run, Start


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_library_leaves_with_a_receipt(run: Run, ask: Ask, photos: Path, out: Path) -> None:
    assert run("import", str(photos))[0] == 0
    status, said, err = run("export", str(out))
    assert (status, err) == (0, "")
    assert "4 copied, 4 sidecars written" in said
    assert "originals: 4 in the library, 4 read back, difference 0" in said
    assert said.endswith("Complete.\n")
    originals = {p.read_bytes() for p in photos.rglob("*") if p.is_file() and p.name[0] != "."}
    assert {p.read_bytes() for p in out.glob("*/*/*") if p.suffix != ".xmp"} == originals
    again = ask("export", str(out))
    assert (again["copied"], again["present"], again["complete"]) == (0, 4, True)


def test_what_is_not_there_ends_with_one(run: Run, place: Path, photos: Path, out: Path) -> None:
    run("import", str(photos))
    next(p for p in (place / "originals").rglob("*.jpg")).unlink()
    status, said, err = run("export", str(out))
    assert status == 1
    assert "difference 1" in said
    assert said.endswith("NOT COMPLETE.\n")
    assert "is missing" in err


def test_what_makes_no_sense_is_refused(run: Run, place: Path, photos: Path) -> None:
    run("import", str(photos))
    for arguments in ((), (str(place / "originals"),), (str(place), "--canonical", "-")):
        status, _, err = run("export", *arguments)
        assert status == 2
        assert any(line.startswith("albums: ") for line in err.splitlines())


@pytest.mark.slow
def test_an_export_that_was_killed_goes_on(
    run: Run, ask: Ask, start: Start, tmp_path: Path, out: Path
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(120):
        (many / f"{number}.bin").write_bytes(os.urandom(200_000))
    assert run("import", str(many))[0] == 0
    process = start("export", str(out))
    deadline = time.monotonic() + 60
    while sum(1 for _ in out.glob("*/*/*.bin")) < 5 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "manifest.csv").exists(), "it was done before it could be killed"
    whole = {p.read_bytes() for p in many.iterdir()}
    assert {p.read_bytes() for p in out.glob("*/*/*.bin")} <= whole
    receipt = ask("export", str(out))
    assert receipt["complete"]
    assert receipt["present"] >= 5
    assert receipt["copied"] == 120 - receipt["present"]
    assert {p.read_bytes() for p in out.glob("*/*/*.bin")} == whole
    assert not (out / ".albums-export").exists()
    subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=out, check=True)
