"""Files of JSON lines that outlive the database: appended to, never changed.

A power cut may leave half a line at the end. It was not synced, so nothing was promised by it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_END = 1 << 16  # bytes that are read first, to find the last line


def append_lines(file: Path, lines: Iterable[bytes]) -> None:
    """Each with its newline at the end; they are on disk when this returns. Where the disk is full
    the file is as it was: half a line must not get another one after it. Raises OSError."""
    with file.open("ab", buffering=0) as out:
        before = out.seek(0, os.SEEK_END)
        try:
            left = memoryview(b"".join(lines))
            while left:
                left = left[out.write(left) :]
            os.fsync(out.fileno())
        except OSError:
            out.truncate(before)
            raise


def whole_lines(file: Path) -> Iterator[bytes]:
    """Oldest first; none where there is no file."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        yield from (line for line in lines if line.endswith(b"\n"))


def last_line(file: Path) -> bytes:
    """The last whole line, without its newline; empty where there is none. Half a line after it is
    cut off."""
    end, size = _last_line_and_size(file)
    if file.exists() and size < file.stat().st_size:
        os.truncate(file, size)
    return end


def whole_size(file: Path) -> int:
    """Bytes of all whole lines."""
    return _last_line_and_size(file)[1]


def _last_line_and_size(file: Path) -> tuple[bytes, int]:
    """However large the file is, only its end is read."""
    if not file.exists():
        return b"", 0
    with file.open("rb") as lines:
        size, wanted = lines.seek(0, os.SEEK_END), _END
        while True:
            start = max(0, size - wanted)
            lines.seek(start)
            end = lines.read(size - start)
            whole = end[: end.rfind(b"\n") + 1]
            written = whole.rstrip(b"\n")
            if b"\n" in written or start == 0:
                return written.rpartition(b"\n")[2], start + len(whole)
            wanted *= 2  # the line is longer than what was read
