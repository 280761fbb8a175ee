"""What frees space works on a disk that has none left: a file system of its own, filled up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_NAMESPACE = (
    ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount")
)


def in_memory(place: Path, scenario: str) -> dict[str, object]:
    """What `scenario` prints, run where `place` is a file system of 160 MiB."""
    place.mkdir()
    mount = f"mount -t tmpfs -o size=160m none {place} && exec {sys.executable} -m {__name__}"
    done = subprocess.run(
        [*_NAMESPACE, "sh", "-c", f"{mount} {scenario} {place}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"this machine lets nobody mount a file system: {done.stderr[:200]}")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_what_is_thrown_away_and_purged_on_a_full_disk_frees_it(tmp_path: Path) -> None:
    found = in_memory(tmp_path / "disk", "purge")
    assert found == {
        "kept": 0, "stones": 40, "in file": 40, "audit": [], "whole lines": True, "free": True,
    }  # fmt: skip


def test_a_purge_that_was_cut_off_on_a_full_disk_is_ended_at_the_start(tmp_path: Path) -> None:
    assert in_memory(tmp_path / "disk", "start") == {"purging": 0, "originals": 0}


def _fill(place: Path) -> None:
    with (place / "filling").open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2


def _purge(place: Path) -> dict[str, object]:
    from albums.curate import trash
    from albums.library.audit import read_entries
    from tests.arrivals import arrival_of
    from tests.curate.conftest import rooms_of

    with _opened(place) as albums:
        shas = [
            albums.receiver.receive(arrival_of(os.urandom(300_000), f"{n}.jpg")).sha
            for n in range(40)
        ]
        rooms = rooms_of(albums)
        _fill(place)
        trash.trash(rooms, shas)
        _fill(place)
        trash.empty(rooms, confirmed=True)
        with albums.library.read() as db:
            kept = db.execute("select count(*) from assets").fetchone()[0]
            stones = db.execute("select count(*) from tombstones").fetchone()[0]
        in_file = json.loads((rooms.folder / "tombstones.json").read_bytes())
        free = os.statvfs(place)
        return {
            "kept": kept,
            "stones": stones,
            "in file": len(in_file),
            "audit": [finding.what for finding in albums.audit.check()],
            "whole lines": len(list(read_entries(albums.audit.file))) == 120,
            "free": free.f_bavail * free.f_bsize > 3 << 20,
        }


def _start(place: Path) -> dict[str, object]:
    from albums.curate import trash
    from albums.curate.recovery import recover
    from albums.library.trash import begin_purging, purging, thrown_before
    from tests.arrivals import arrival_of
    from tests.curate.conftest import rooms_of

    with _opened(place) as albums:
        sha = albums.receiver.receive(arrival_of(b"a photo", "beach.jpg")).sha
        trash.trash(rooms_of(albums), [sha])
        with albums.library.write() as db:
            begin_purging(db, thrown_before(db, "9999", 10))
    _fill(place)
    with _opened(place) as albums:
        rooms = rooms_of(albums)
        recover(rooms)
        with albums.library.read() as db:
            return {
                "purging": len(purging(db)),
                "originals": len(list(rooms.vault.originals.root.glob("*/*.jpg"))),
            }


def _opened(place: Path):  # type: ignore[no-untyped-def]
    from contextlib import closing

    from albums.assembly import open_albums
    from albums.settings import Settings

    return closing(open_albums(Settings(library=place / "library", workers=1, time_zone="UTC")))


if __name__ == "__main__":
    scenario = {"purge": _purge, "start": _start}[sys.argv[1]]
    print(json.dumps(scenario(Path(sys.argv[2]))))  # noqa: T201
