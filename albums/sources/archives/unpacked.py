"""One pass over a part that was unpacked into a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from albums.sources.archives.entry import Broken, Entry, EntryStream, Nothing, with_kind
from albums.sources.archives.part_names import is_part_name
from albums.sources.archives.parts import Part
from albums.sources.archives.paths import decode, safe

Found = tuple[Entry, EntryStream]


def unpacked_entries(part: Part, skip: Collection[int]) -> Iterator[Found]:
    """Every file below, sorted, named from the folder's own name on as in Google's archives.

    The numbers are those of this state of the folder: with a file more or fewer they shift.
    """
    top = part.path.resolve()
    for index, path in enumerate(_below(part, top)):
        if index in skip:
            continue
        entry = _entry(index, path, top.parent)
        if entry.kind != "file":
            yield entry, EntryStream(entry, Nothing())
            continue
        data = _File(path)
        try:
            yield entry, with_kind(EntryStream(entry, data))
        finally:
            data.close()
        part.passed(part.read + (entry.size or 0))


def _below(part: Part, top: Path) -> Iterator[Path]:
    """All that is no folder, in order of the bytes of the names; links are not followed."""
    waiting = [(top, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if not is_folder:
            yield path
            continue
        try:
            inside = sorted(os.scandir(path), key=lambda item: os.fsencode(item.name))
        except OSError as error:
            part.say(f"The folder {path.name} cannot be read ({error.strerror})")
            continue
        if path == top:  # archives that lie in a root are parts of their own
            inside = [i for i in inside if not (is_part_name(i.name) and i.is_file())]
        inside = [i for i in inside if Path(i.path) not in part.apart]
        waiting += [(Path(i.path), i.is_dir(follow_symlinks=False)) for i in reversed(inside)]


def _entry(index: int, path: Path, above: Path) -> Entry:
    name, guessed = decode(os.fsencode(path.relative_to(above)), fallback="latin-1")
    entry = Entry(index, name, safe(name), name_guessed=guessed)
    try:
        facts = path.lstat()
    except OSError as error:
        entry.say(f"It cannot be read ({error.strerror})")
        return entry
    if stat.S_ISLNK(facts.st_mode):
        entry.kind, entry.target = "link", str(path.readlink())
    elif not stat.S_ISREG(facts.st_mode):
        entry.kind = "special"
    else:
        entry.size, entry.modified = facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC)
    return entry


class _File:
    """Opened at the first read; a link put there in the meantime is not followed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, limit: int) -> bytes:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            return os.read(self._file, limit)
        except OSError as error:
            raise Broken(f"It cannot be read ({error.strerror})") from error

    def ended(self, crc: int) -> str:
        return ""

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
