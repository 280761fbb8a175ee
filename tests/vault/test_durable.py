"""What survives a power cut is asked of the disk in the fewest words that it takes seriously."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

import pytest

from albums.vault import durable, whole_disk
from albums.vault.durable import sync_all
from albums.vault.whole_disk import sync_file_system


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / str(number) for number in range(durable._MANY)]
    for path in paths:
        path.write_bytes(b"a photo")
    return paths


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Inodes of what was fsynced."""
    seen: list[int] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        seen.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    return seen


def inodes(paths: list[Path]) -> list[int]:
    return [path.stat().st_ino for path in paths]


def test_many_files_cost_one_sync(
    files: list[Path], synced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def whole(folder: Path) -> bool:
        asked.append(folder)
        return True

    monkeypatch.setattr(durable, "sync_file_system", whole)
    sync_all(files)
    assert asked == [files[0].parent]
    assert synced == []


def test_a_few_files_do_not_wait_for_all_that_others_write(
    files: list[Path], synced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "sync_file_system", None)
    sync_all(files[:-1])
    assert synced == inodes(files[:-1])


def test_a_file_system_that_does_not_pass_on_the_call_syncs_file_by_file(
    files: list[Path], synced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_disk, "_GOOD", set())
    assert not sync_file_system(files[0].parent)
    sync_all(files)
    assert synced == inodes(files)


@pytest.mark.parametrize("release", ["5.4.0-42-generic", "5.7", "strange"])
def test_an_old_linux_syncs_file_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    old = os.uname_result(("Linux", "box", release, "#1", "x86_64"))
    monkeypatch.setattr(os, "uname", lambda: old)
    assert not sync_file_system(tmp_path)


class _Failing:
    """A system that says once what is wrong."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
        self.error = error
        self.asked = 0
        monkeypatch.setattr(whole_disk, "_libc", self)
        monkeypatch.setattr(whole_disk, "_is_good", lambda _: True)
        monkeypatch.setattr(whole_disk, "_failed", set[int]())

    def syncfs(self, descriptor: int) -> int:
        self.asked += 1
        ctypes.set_errno(self.error)
        return -1 if self.asked == 1 else 0


def test_a_disk_that_failed_once_is_asked_file_by_file_from_then_on(
    files: list[Path], synced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = _Failing(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        sync_all(files)
    sync_all(files)
    assert failing.asked == 1
    assert synced == inodes(files)


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
def test_a_call_that_is_refused_is_replaced_by_one_of_each_file(
    files: list[Path], synced: list[int], monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    refusing = _Failing(monkeypatch, error)
    sync_all(files)
    sync_all(files)
    assert refusing.asked == 1
    assert synced == inodes(files) * 2


def test_the_disk_under_the_tests_is_told_by_its_kind(tmp_path: Path) -> None:
    kinds = {
        "ext2": True, "ext3": True, "ext4": True, "xfs": True, "btrfs": True,
        "tmpfs": False, "overlay": False, "fuse": False, "nfs4": False, "cifs": False,
    }  # fmt: skip
    kind = _kind(tmp_path)
    if kind not in kinds:
        pytest.skip(f"nothing is promised here of {kind}")
    assert sync_file_system(tmp_path) == kinds[kind]


def _kind(folder: Path) -> str:
    """Of the file system, as the kernel names it."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    above = [
        (len(place), index, kind)
        for index, (_, place, kind, *_) in enumerate(mounts)
        if folder.is_relative_to(place)
    ]
    return max(above)[2]
