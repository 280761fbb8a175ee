"""The receipts of imports: one file each, `import-receipt-0001.jsonl`, never changed once written.

Each line carries the hash of the one before; the hash of the last one, the seal, is in the audit
log. So a line that was altered, removed or added shows, and so does a receipt that is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from albums.errors import AlbumsError, NotFound
from albums.library.audit import hash_of

ACTION = "import-receipt"  # of the entry in the audit log
START = "0" * 64  # what the first line follows
_FILE = re.compile(r"import-receipt-(\d{4,})\.jsonl")
_END = 1 << 16  # bytes that are read first, to find the last line
_CHUNK = 1 << 20
Line = dict[str, Any]


class DamagedReceipt(AlbumsError):
    """What lies there is not the receipt that was written."""

    status, exit_code, code = 500, 1, "damaged-receipt"


@dataclass(frozen=True)
class Anchor:
    """What the audit log says of a receipt."""

    file: str
    head: str  # hash of its seal
    at: str  # UTC


class ReceiptWriter:
    """A receipt on its way: its lines are on disk, under no name of a receipt yet.

    `head` is the hash of the last line. Leaving the block without `keep` removes what was written.
    """

    def __init__(self, folder: Path) -> None:
        # A start sweeps what a cut left under such a name.
        self._path = folder / f".import-receipt.{uuid.uuid4().hex}.new"
        self._out = self._path.open("xb")
        self.head = START

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # a full disk said so already
            self._out.close()
        self._path.unlink(missing_ok=True)

    def add(self, line: Line) -> None:
        """Append a line. Raises OSError."""
        text = json.dumps(line | {"previous": self.head}, sort_keys=True)
        self.head = hashlib.sha256(text.encode()).hexdigest()  # as `hash_of` makes it
        self._out.write(f'{text[:-1]}, "hash": "{self.head}"}}\n'.encode())

    def begins(self, file: Path) -> bool:
        """Is what was written so far what `file` begins with? Raises OSError."""
        self._out.flush()
        with self._path.open("rb") as own, file.open("rb") as other:
            while mine := own.read(_CHUNK):
                if other.read(len(mine)) != mine:
                    return False
        return True

    def keep(self, final: Path) -> None:
        """Let it stand under its name, synced. Raises OSError, also where that name is taken."""
        self._out.flush()
        os.fsync(self._out.fileno())
        if final.exists():
            raise FileExistsError(final)
        self._path.rename(final)
        descriptor = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def receipt_file(folder: Path, number: int) -> Path:
    return folder / f"import-receipt-{number:04}.jsonl"


def number_of(name: str) -> int | None:
    """Of a file so called; None where it is no receipt."""
    match = _FILE.fullmatch(name)
    return int(match[1]) if match else None


def receipt_numbers(folder: Path) -> list[int]:
    """Of all receipts that lie in the library's folder, oldest first."""
    return sorted(n for path in folder.iterdir() if (n := number_of(path.name)) is not None)


def next_number(db: sqlite3.Connection, folder: Path) -> int:
    """A number that no receipt ever had, also none that is gone."""
    known = [number_of(file) or 0 for file in anchors(db)]
    return max([0, *known, *receipt_numbers(folder)]) + 1


def find_receipt(folder: Path, number: int | None = None) -> int:
    """This number, or the newest. Raises NotFound."""
    numbers = receipt_numbers(folder)
    if number is None and numbers:
        return numbers[-1]
    if number not in numbers:
        raise NotFound(
            f"There is no receipt {number} of an import" if number else "There is no receipt yet",
            hint="See: albums receipt list" if numbers else "An import writes one at its end",
        )
    assert number is not None
    return number


def read_lines(file: Path) -> Iterator[Line]:
    """All lines, as they stand there. Raises DamagedReceipt, NotFound."""
    for number, line in enumerate(raw_lines(file), 1):
        yield _parsed(line, file, number)


def lines_with(file: Path, *marks: str) -> Iterator[Line]:
    """The lines in which one of these texts stands: much quicker than reading all of them."""
    wanted = [mark.encode() for mark in marks]
    for number, line in enumerate(raw_lines(file), 1):
        if any(mark in line for mark in wanted):
            yield _parsed(line, file, number)


def raw_lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as lines:
            yield from lines
    except FileNotFoundError as error:
        raise NotFound(f"{file.name} is missing", hint="Restore it from a backup") from error


def first_line(file: Path) -> Line:
    """What the receipt is of. Raises DamagedReceipt, NotFound."""
    for line in raw_lines(file):
        return _parsed(line, file, 1)
    raise DamagedReceipt(f"{file.name} is empty", hint="Restore it from a backup")


def seal_of(file: Path) -> Line:
    """Its last line; only the end of the file is read. Raises DamagedReceipt, NotFound."""
    try:
        with file.open("rb") as lines:
            size, wanted = lines.seek(0, os.SEEK_END), _END
            while True:
                start = max(0, size - wanted)
                lines.seek(start)
                end = lines.read().rstrip(b"\n")
                if b"\n" in end or start == 0:
                    break
                wanted *= 4
    except FileNotFoundError as error:
        raise NotFound(f"{file.name} is missing", hint="Restore it from a backup") from error
    seal = _parsed(end.rpartition(b"\n")[2], file, None)
    if seal["type"] != "seal":
        raise DamagedReceipt(f"{file.name} has no end", hint="Restore it from a backup")
    return seal


def anchors(db: sqlite3.Connection) -> dict[str, Anchor]:
    """What the audit log says of each receipt, by file name."""
    rows = db.execute("select at, detail from audit where action = ? order by id", (ACTION,))
    said = ((row["at"], json.loads(row["detail"])) for row in rows)
    return {detail["file"]: Anchor(detail["file"], detail["head"], at) for at, detail in said}


def chain_faults(file: Path, anchor: Anchor | None) -> Iterator[str]:
    """Each place where the receipt is not what was written, in a sentence; none is good."""
    previous, number = START, 0
    last: Line = {}
    try:
        for number, last in enumerate(read_lines(file), 1):
            if last.get("previous") != previous:
                yield f"Line {number} does not follow from the line before"
            if hash_of(last) != last.get("hash"):
                yield f"Line {number} was altered"
            previous = str(last.get("hash"))
    except DamagedReceipt as error:
        yield error.what
        return
    if last.get("type") != "seal":
        yield f"It ends after line {number} without its seal"
    if anchor is None:
        yield "The audit log does not know of it"
    elif anchor.head != previous:
        yield "The audit log knows another end of it"


def expect_whole(db: sqlite3.Connection, file: Path) -> None:
    """Raises DamagedReceipt where it is not what was written."""
    for fault in chain_faults(file, anchors(db).get(file.name)):
        raise DamagedReceipt(
            f"{file.name} is not the receipt that was written",
            why=fault,
            hint="Delete nothing on its word. Restore it from a backup, or import once more",
        )


def _parsed(line: bytes, file: Path, number: int | None) -> Line:
    try:
        content = json.loads(line)
        if not line.strip() or not isinstance(content["type"], str):
            raise ValueError
    except (ValueError, KeyError, TypeError) as error:
        place = f"Line {number}" if number else "The last line"
        raise DamagedReceipt(
            f"{place} of {file.name} is damaged", hint="Restore the file from a backup"
        ) from error
    return dict(content)
