"""What lies in the inbox: its folders and files, and which of them are nobody's business."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from albums.ingest.receive import clean_name
from albums.sources.folder import is_junk, why_not

# Hidden names are junk already: .syncthing.*.tmp, ._*, rsync's .name.Xy12.
_UNFINISHED_END = (
    ".part", ".partial", ".crdownload", ".tmp", ".temp", ".download", ".filepart", ".opdownload",
    ".!sync", ".!qb", ".aria2", ".upload",
)  # fmt: skip
_UNFINISHED_START = ("~$", "~syncthing~")
EMPTY = "It is empty"
UNFINISHED = "Its name says that it is not finished; give it another if it is"
NOTE = ".albums.txt"  # ends the name of a note of ours
FIRST_LINE = "Albums did not take this file:"


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is by its looks: while this stays the same, so do its bytes."""

    device: int
    inode: int
    size: int  # bytes
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> Look:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def same_bytes(self, other: Look) -> bool:
        """As far as a rename leaves them alone."""
        return (self.device, self.inode, self.size, self.modified_ns) == (
            other.device, other.inode, other.size, other.modified_ns,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the inbox. `wrong`: why it cannot be taken as it is."""

    path: str  # may hold bytes that are not UTF-8 (surrogateescape)
    folder: str  # relative to the inbox, as people can read it
    look: Look
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and what lies directly in it, sorted by name."""

    path: str
    readable: str  # relative to the inbox
    entries: list[os.DirEntry[str]]


def folders(root: str) -> Iterator[Folder | Found]:
    """The inbox and each folder below it; one that cannot be listed comes as what was found.

    Links are never followed. Raises OSError where the inbox itself cannot be listed.
    """
    waiting = [(root, "")]
    while waiting:
        path, readable = waiting.pop()
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            if path == root:
                raise
            yield from _unlisted(path, readable, error)
            continue
        yield Folder(path, readable, entries)
        waiting += [
            (entry.path, f"{readable}/{clean_name(entry.name)}".lstrip("/"))
            for entry in reversed(entries)
            if not _is_ignored(entry.name) and not _is_unfinished(entry.name) and _is_folder(entry)
        ]


def _unlisted(path: str, readable: str, error: OSError) -> Iterator[Found]:
    with suppress(OSError):
        look = Look.of(os.lstat(path))
        yield Found(path, readable, look, f"The folder cannot be listed: {why_not(error)}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_ignored(name: str) -> bool:
    """Hidden, the system's own, or there only while a program has another file open."""
    return is_junk(name) or name.lower().startswith(_UNFINISHED_START)


def _is_unfinished(name: str) -> bool:
    """A name that programs give to what they have not finished."""
    return name.lower().endswith(_UNFINISHED_END)


def files_in(folder: Folder) -> Iterator[Found]:
    """What is to be taken from directly inside `folder`, and what can never be."""
    for entry in folder.entries:
        if _is_ignored(entry.name) or (entry.name.endswith(NOTE) and is_note(entry.path)):
            continue
        with suppress(OSError):  # it is gone already
            found = entry.stat(follow_symlinks=False)
            if not stat.S_ISDIR(found.st_mode):
                yield Found(entry.path, folder.readable, Look.of(found), _wrong(entry.name, found))


def _wrong(name: str, found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        return "It is a link; put the file itself here"
    if not stat.S_ISREG(found.st_mode):
        return "It is not a file but a device, pipe or socket"
    if _is_unfinished(name):
        return UNFINISHED
    return "" if found.st_size else EMPTY


def is_note(path: str) -> bool:
    """Is this a note of ours? People may give that name to a file of their own."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        head = os.read(descriptor, len(FIRST_LINE))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return head == FIRST_LINE.encode() or not head  # the disk was full when it was written
