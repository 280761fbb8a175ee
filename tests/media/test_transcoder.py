"""A film is made playable in a process of its own: whatever becomes of that, the box goes on."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from albums.errors import Conflict, Undecodable
from albums.media.film_job import Wanted
from albums.media.transcoder import Limits, Transcoder
from tests.media.films import film, noise

LARGEST = 50_000_000


def wanted(path: Path) -> Wanted:
    return Wanted(path, path.name, None, 1080, 4_000_000, 2)


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "a.mp4", "libx265")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of work."""
    path = tmp_path_factory.mktemp("films") / "long.mkv"
    return film(path, "mpeg4", frames=300, size=(640, 480), paint=noise_once, container="matroska")


_NOISE = [noise(number, (640, 480)) for number in range(3)]


def noise_once(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    return _NOISE[number % 3]


def test_a_film_is_made_and_what_it_is_comes_back(hevc: Path, tmp_path: Path) -> None:
    with (tmp_path / "target").open("w+b") as target:
        made = Transcoder().make(wanted(hevc), target, LARGEST)
        assert (made.width, made.height, made.copied) == (96, 64, False)
    assert (tmp_path / "target").read_bytes()[4:8] == b"ftyp"


def test_a_file_that_is_no_film_is_said_to_be_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(1000))
    with (tmp_path / "target").open("w+b") as target, pytest.raises(Undecodable) as refused:
        Transcoder().make(wanted(path), target, LARGEST)
    assert refused.value.facts.get("again") is not True


def test_what_becomes_too_large_is_given_up(hevc: Path, tmp_path: Path) -> None:
    with (tmp_path / "target").open("w+b") as target, pytest.raises(Undecodable, match="larger"):
        Transcoder().make(wanted(hevc), target, 1000)
    assert (tmp_path / "target").stat().st_size <= 1000


def test_a_full_disk_is_said_by_its_number(hevc: Path) -> None:
    with Path("/dev/full").open("wb") as full, pytest.raises(OSError, match="No space") as refused:
        Transcoder().make(wanted(hevc), full, LARGEST)
    assert refused.value.errno == errno.ENOSPC


def test_a_film_that_takes_too_long_ends(long: Path, tmp_path: Path) -> None:
    begun = time.monotonic()
    with (tmp_path / "target").open("w+b") as target, pytest.raises(Undecodable, match="longer"):
        Transcoder(Limits(seconds=1.0)).make(wanted(long), target, LARGEST)
    assert time.monotonic() - begun < 10


def test_a_process_that_hangs_ends_and_may_be_tried_again(hevc: Path, tmp_path: Path) -> None:
    with (tmp_path / "target").open("w+b") as target, pytest.raises(Undecodable) as refused:
        Transcoder(Limits(stall=0.01)).make(wanted(hevc), target, LARGEST)
    assert "no progress" in str(refused.value)
    assert refused.value.facts["again"] is True


def test_too_little_memory_is_said_and_may_be_tried_again(tmp_path: Path) -> None:
    large = film(tmp_path / "a.avi", "mpeg4", frames=1, size=(4096, 2304))
    with (tmp_path / "target").open("w+b") as target, pytest.raises(Undecodable) as refused:
        Transcoder(Limits(memory_mb=300)).make(wanted(large), target, LARGEST)
    assert "memory" in str(refused.value)
    assert refused.value.facts["again"] is True


def running(transcoder: Transcoder) -> int:
    """The process, once it is at work."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if transcoder._processes:
            time.sleep(0.7)
            return next(iter(transcoder._processes)).pid
        time.sleep(0.01)
    raise AssertionError("no process was started")


def begin(
    transcoder: Transcoder, path: Path, target: Path
) -> tuple[threading.Thread, list[object]]:
    ended = list[object]()

    def make() -> None:
        try:
            with target.open("w+b") as file:
                ended.append(transcoder.make(wanted(path), file, LARGEST))
        except (Undecodable, Conflict) as error:
            ended.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    return thread, ended


def test_a_process_that_is_killed_may_be_tried_again(long: Path, tmp_path: Path) -> None:
    transcoder = Transcoder()
    thread, ended = begin(transcoder, long, tmp_path / "target")
    os.kill(running(transcoder), signal.SIGKILL)
    thread.join(10)
    assert isinstance(ended[0], Undecodable)
    assert "SIGKILL" in str(ended[0])
    assert ended[0].facts["again"] is True


def test_a_box_that_stops_does_not_wait_for_a_film_and_says_nothing_of_it(
    long: Path, tmp_path: Path
) -> None:
    transcoder = Transcoder()
    thread, ended = begin(transcoder, long, tmp_path / "target")
    running(transcoder)
    transcoder.stop()
    thread.join(5)
    assert isinstance(ended[0], Conflict)
    with (tmp_path / "target").open("w+b") as file, pytest.raises(Conflict):
        transcoder.make(wanted(long), file, LARGEST)
