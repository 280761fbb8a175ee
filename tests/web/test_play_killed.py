"""A box that is killed while it makes a film playable serves no half of it, and makes it again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from albums.assembly import open_albums
from albums.settings import Settings
from tests.arrivals import arrival_of
from tests.media.films import film, noise
from tests.web.test_play import work

pytestmark = pytest.mark.slow
_BOX = """
import sys, time
from pathlib import Path
from albums.assembly import open_albums
from albums.settings import Settings
from tests.web.test_play import work
work(open_albums(Settings(library=Path(sys.argv[1]), workers=1)))
"""
_NOISE = [noise(number, (640, 480)) for number in range(3)]


def _noise(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    return _NOISE[number % 3]


def half_made(library: Path) -> list[Path]:
    return [path for path in library.glob("pictures/.making/*") if path.stat().st_size]


def test_a_killed_box_leaves_no_half_film(tmp_path: Path) -> None:
    library = tmp_path / "library"
    long = film(
        tmp_path / "a.mkv",
        "mpeg4",
        frames=300,
        size=(640, 480),
        paint=_noise,
        container="matroska",
    )
    albums = open_albums(Settings(library=library, workers=1))
    received = albums.receiver.receive(arrival_of(long.read_bytes(), "a.mkv"))
    albums.close()
    box = subprocess.Popen([sys.executable, "-c", _BOX, str(library)], cwd=Path.cwd())
    try:
        deadline = time.monotonic() + 60
        while not half_made(library):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        box.send_signal(signal.SIGKILL)
        box.wait()
    assert not list(library.glob("pictures/??/*.mp4"))
    time.sleep(2.5)  # the process that was at work notices that nobody listens
    assert not _at_work_on(library)
    albums = open_albums(Settings(library=library, workers=1))
    assert half_made(library) == []
    work(albums)
    assert albums.vault.playables.path(received.sha).is_file()
    albums.close()


def _at_work_on(library: Path) -> list[str]:
    """Processes that have a file below `library` open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            opened = [str(link.readlink()) for link in (process / "fd").iterdir()]
        except OSError:
            continue
        if process.name != str(os.getpid()) and any(str(library) in path for path in opened):
            found.append(process.name)
    return found
