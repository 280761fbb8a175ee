"""Removing a file of the inbox that is kept, and no other that came to lie in its place."""

from __future__ import annotations

import os
from pathlib import Path

from albums.sources.inbox.files import Folder, Found, Look
from albums.sources.inbox.reading import is_being_written, open_quietly

_SET_ASIDE = ".albums-taken-"
_LONGEST_NAME = 255  # bytes, on every file system that matters


def remove(file: Found) -> bool:
    """Remove the file if it still is what was found; False where it has changed or is written.

    It is set aside first and looked at again, for between a look and a removal somebody may put
    another file in its place. Raises OSError where it may not be removed.
    """
    aside = _aside(file.path)
    if os.path.lexists(aside):  # of a box that was killed here
        return False
    try:
        Path(file.path).rename(aside)
    except FileNotFoundError:
        return True
    if not _is_still(aside, file.look):
        put_back(aside, file.path)
        return False
    Path(aside).unlink()
    return True


def _aside(path: str) -> str:
    folder, name = os.path.split(os.fsencode(path))
    room = _LONGEST_NAME - len(_SET_ASIDE)
    return os.fsdecode(os.path.join(folder, _SET_ASIDE.encode() + name[-room:]))  # noqa: PTH118


def _is_still(path: str, look: Look) -> bool:
    try:
        descriptor = open_quietly(path)
    except OSError:
        return False
    try:
        unchanged = look.same_bytes(Look.of(os.fstat(descriptor)))
        return unchanged and not is_being_written(descriptor)
    finally:
        os.close(descriptor)


def put_back(aside: str, path: str) -> None:
    """Give what was set aside its name again, unless another file has it by now."""
    try:
        os.link(aside, path, follow_symlinks=False)
    except FileExistsError:
        return  # the walk finds it again and tries later
    except OSError:  # a disk without links
        if not os.path.lexists(path):
            Path(aside).rename(path)
        return
    Path(aside).unlink()


def recover(folder: Folder) -> None:
    """Put back what a box that was killed had set aside; it is taken or removed as any other."""
    for entry in folder.entries:
        if entry.name.startswith(_SET_ASIDE):
            name = entry.name.removeprefix(_SET_ASIDE)
            put_back(entry.path, os.path.join(folder.path, name))  # noqa: PTH118
