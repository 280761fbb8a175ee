"""Real file systems that can be cut off from power, filled up and broken. Needs root.

Mounts live in a mount namespace of this process and are gone with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

# ioctl FS_IOC_SHUTDOWN of ext4 and XFS, and its flag to drop the journal in memory, too: the way
# in which xfstests cuts power. Linux, include/uapi/linux/fs.h and fs/ext4/ext4.h.
_SHUTDOWN, _WITHOUT_LOG = 0x8004587D, 2
_ALONE = "--in-own-namespace"


class NoDisk(Exception):
    """This machine does not let us mount a file system."""


def move_to_own_namespace() -> None:
    """Begin this program once more, where its mounts are its own."""
    if _ALONE in sys.argv:
        sys.argv.remove(_ALONE)
        return
    alone = ["unshare", "--mount", "--propagation", "private"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode
    ):
        return  # proofs that mount are skipped, and say so
    program = [sys.executable, "-m", "tests.torture", *sys.argv[1:], _ALONE]
    os.execvp("unshare", [*alone, *program])


class Disk:
    """ext4 in a file. What is written and not fsynced is in memory only, as on any disk."""

    def __init__(self, place: Path, mebibytes: int = 2048, inodes: int | None = None) -> None:
        self.root = place / "disk"
        self._image = place / "disk.ext4"
        self.root.mkdir()
        with self._image.open("xb") as image:
            image.truncate(mebibytes << 20)
        _run("mkfs.ext4", "-q", "-F", *(["-N", str(inodes)] if inodes else []), str(self._image))
        self.mount()

    def mount(self) -> None:
        """As after switching on: the journal is replayed."""
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.root))

    def cut_power(self) -> None:
        """Nothing reaches the disk any more, and what memory holds of it is lost."""
        root = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(root, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
        finally:
            os.close(root)

    def turn_read_only(self) -> None:
        """As the kernel does after an error of the device (errors=remount-ro)."""
        device = _run("findmnt", "--noheadings", "--output", "SOURCE", str(self.root)).strip()
        Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("a test")

    def close_folder(self, folder: Path) -> None:
        """Nothing in it may be made, renamed or removed: not even by root."""
        _run("chattr", "+i", str(folder))

    def open_folder(self, folder: Path) -> None:
        _run("chattr", "-i", str(folder))

    def unmount(self) -> None:
        """When nobody uses it any more; killed processes take a moment to go."""
        for _ in range(600):
            found = subprocess.run(["umount", str(self.root)], capture_output=True, text=True)
            if found.returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"{found.stderr}: {_users(self.root)}")

    def prove(self) -> None:
        """That a power cut here loses what was not fsynced, and nothing else."""
        lost, kept = self.root / "lost", self.root / "kept"
        lost.write_bytes(bytes(100_000))
        with kept.open("wb") as file:
            file.write(bytes(100_000))
            os.fsync(file.fileno())
        (self.root / "lost too").write_bytes(bytes(100_000))
        self.cut_power()
        self.unmount()
        self.mount()
        assert kept.read_bytes() == bytes(100_000), "what was fsynced is gone"
        after = {p.name: p.stat().st_size for p in self.root.iterdir()}
        assert not any(after.get(name) for name in ("lost", "lost too")), "nothing was lost"


def _users(root: Path) -> list[str]:
    """Which processes have something open there."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if link.readlink().is_relative_to(root):
                found.append(f"{(link.parents[1] / 'comm').read_text().strip()}: {link.readlink()}")
    return found


def mount_tmpfs(place: Path, options: str) -> None:
    """A file system in memory; options as of mount(8): size=64m,nr_inodes=2000."""
    place.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", options, "none", str(place))


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise NoDisk(f"there is no {command[0]} here") from error
    except subprocess.CalledProcessError as error:
        raise NoDisk(f"{' '.join(command)}: {error.stderr.strip()}") from error
