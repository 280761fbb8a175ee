"""A playable film is there whole or not at all."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from albums.errors import DiskFull
from albums.vault.playables import Playables

SHA = "ab" * 32


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def playables(tmp_path: Path) -> Playables:
    return Playables(tmp_path)


def left(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_whole_film_stands_under_its_name(playables: Playables, tmp_path: Path) -> None:
    with playables.making(SHA) as file:
        file.write(b"half ")
        file.flush()
        assert not playables.path(SHA).exists()
        file.write(b"whole")
    assert playables.path(SHA).read_bytes() == b"half whole"
    assert left(tmp_path) == [f"ab/{SHA}-playable.mp4"]


def test_a_film_that_failed_leaves_what_was_there_before(
    playables: Playables, tmp_path: Path
) -> None:
    with playables.making(SHA) as file:
        file.write(b"before")
    with pytest.raises(ValueError, match="broken"), playables.making(SHA) as file:
        file.write(b"half")
        raise ValueError("broken")
    assert playables.path(SHA).read_bytes() == b"before"
    assert left(tmp_path) == [f"ab/{SHA}-playable.mp4"]


def test_what_a_killed_box_left_goes_at_next_start(playables: Playables, tmp_path: Path) -> None:
    making = playables.making(SHA)
    making.__enter__().write(b"half")
    assert len(left(tmp_path)) == 1
    Playables(tmp_path).sweep()
    assert left(tmp_path) == []


def test_a_full_disk_is_said(playables: Playables, tmp_path: Path) -> None:
    with pytest.raises(DiskFull), playables.making(SHA):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert left(tmp_path) == []


def test_room_for_what_arrives_is_left(
    playables: Playables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(1 << 40, 0, 3 << 30))
    playables.expect_room(1 << 30)
    with pytest.raises(DiskFull, match="2048 MiB"):
        playables.expect_room((2 << 30) + 1)


def test_removing_what_is_not_there_is_no_trouble(playables: Playables) -> None:
    playables.remove(SHA)
    with playables.making(SHA) as file:
        file.write(b"film")
    playables.remove(SHA)
    assert not playables.path(SHA).exists()
