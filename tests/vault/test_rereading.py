"""What the disk holds counts, not what memory remembers."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from albums.vault import rereading
from albums.vault.rereading import read_from_disk

CHUNK = rereading._CHUNK
SIZES = (0, 1, 4095, 4096, 4097, 1_000_003, CHUNK, CHUNK + 1, 2 * CHUNK)


@pytest.mark.parametrize("direct", [True, False], ids=["O_DIRECT", "through memory"])
@pytest.mark.parametrize("size", SIZES)
def test_every_length_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, direct: bool
) -> None:
    if not direct:
        monkeypatch.setattr(rereading, "_DIRECT", 0)
    content = os.urandom(size)
    path = tmp_path / "file"
    path.write_bytes(content)
    told: list[int] = []
    found = read_from_disk(path, told.append, others=True)
    assert (found.size, found.steady, sum(told)) == (size, True, size)
    assert found.sha == hashlib.sha256(content).hexdigest()
    assert found.sha1 == hashlib.sha1(content).hexdigest()
    assert found.md5 == hashlib.md5(content).hexdigest()


def test_a_file_system_without_o_direct_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refuse(path: Path, flags: int) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    (tmp_path / "file").write_bytes(b"hello")
    found = read_from_disk(tmp_path / "file")
    assert found.sha == hashlib.sha256(b"hello").hexdigest()
    assert found.sha1 is None


def test_a_file_that_is_replaced_meanwhile_is_not_steady(tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"a" * 5000)
    other.write_bytes(b"b" * 5000)

    def replace(count: int) -> None:
        other.replace(path)

    found = read_from_disk(path, replace)
    assert not found.steady


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular file"):
        read_from_disk(tmp_path / "pipe")


def test_who_stops_in_the_middle_leaves_no_file_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(10_000))

    def stop(count: int) -> None:
        raise InterruptedError("stop")

    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(8):
        with pytest.raises(InterruptedError):
            read_from_disk(tmp_path / "file", stop)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
