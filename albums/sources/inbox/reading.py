"""Opening and reading a file of the inbox, provided that nobody writes it."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import signal
import sys
import threading
from functools import lru_cache
from pathlib import Path

from albums.sources.folder import why_not
from albums.sources.inbox.files import Found, Look

# File systems that other machines may write to, or of which the kernel does not know who does.
_SHARED = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "fuse", "virtiofs", "gluster", "coda")
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe does not block either


class Unreadable(Exception):
    """The file in the inbox, or the disk that it lies on, does not let itself be read."""


class NotWhole(Exception):
    """Somebody writes the file, did while it was read, or took it away."""


class Stopped(Exception):
    """The box ends in the middle of this file."""


class Reading(io.FileIO):
    """A file of the inbox that says when it cannot be read, and ends when the box does."""

    def __init__(self, descriptor: int, stop: threading.Event) -> None:
        super().__init__(descriptor)
        self._stop = stop

    def read(self, size: int | None = -1) -> bytes:
        if self._stop.is_set():
            raise Stopped
        try:
            return super().read(size) or b""
        except OSError as error:
            raise Unreadable(f"It cannot be read: {why_not(error)}") from error


def open_quietly(path: str) -> int:
    """A descriptor to read from; neither a link nor a pipe that took its place does any harm."""
    return os.open(path, _READ)


def open_whole(file: Found, stop: threading.Event) -> Reading:
    """Open what was found, and nothing that took its place. Raises Unreadable, NotWhole."""
    try:
        descriptor = open_quietly(file.path)
    except FileNotFoundError as error:
        raise NotWhole from error
    except OSError as error:
        raise Unreadable(f"It cannot be read: {why_not(error)}") from error
    try:
        if Look.of(os.fstat(descriptor)) != file.look or is_being_written(descriptor):
            raise NotWhole
        return Reading(descriptor, stop)
    except BaseException:
        os.close(descriptor)
        raise


def is_being_written(descriptor: int) -> bool | None:
    """Does anybody have this file open, or mapped, for writing? None: the system does not say.

    A read lease is only granted where nobody does; it is given back at once, so that no writer
    ever waits for it. Other users' files cannot be asked, and a network disk does not know what
    other machines do. See fcntl(2).
    """
    if sys.platform != "linux" or _is_shared(os.fstat(descriptor).st_dev):
        return None
    try:
        # Who opens it for writing just now has the system signal us; the default, SIGIO, kills.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return True if error.errno == errno.EAGAIN else None
    return False


@lru_cache
def _is_shared(device: int) -> bool:
    return type_of(device, Path("/proc/self/mountinfo").read_text()).startswith(_SHARED)


def type_of(device: int, mounts: str) -> str:
    """Type of the file system with this number, by the lines of mountinfo (proc(5)), or ""."""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        mount, _, kind = line.partition(" - ")
        if mount.split(" ")[2:3] == [number]:
            return kind.split(" ")[0]
    return ""


def writer_of(path: str) -> bool | None:
    """As `is_being_written`, of a path. None as well where it cannot be opened."""
    try:
        descriptor = open_quietly(path)
    except OSError:
        return None
    try:
        return is_being_written(descriptor)
    finally:
        os.close(descriptor)
