"""The receipt of an import: on what it says, a person dares to delete elsewhere."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from albums.errors import DiskFull, LibraryUnusable
from albums.ingest.receive import Receiver
from albums.library.database import Library
from albums.library.import_receipts import (
    ACTION,
    DamagedReceipt,
    Line,
    ReceiptWriter,
    anchors,
    first_line,
    next_number,
    number_of,
    receipt_file,
    receipt_numbers,
    seal_of,
)
from albums.sources.importing.receipt_lines import Brought, Lines
from albums.sources.importing.seal import make_seal


@dataclass(frozen=True)
class Receipt:
    """What a receipt says, in short. `head`: the hash of its seal, as the audit log has it."""

    number: int
    file: Path
    source: str
    name: str  # of the import
    head: str
    seal: Line

    def as_json(self) -> dict[str, Any]:
        told = ("verdict", "began_at", "ended_at", "reasons", "remarks", "counts", "reread")
        return {
            "number": self.number, "file": self.file.name, "source": self.source,
            "import": self.name, "head": self.head,
        } | {name: self.seal[name] for name in told}  # fmt: skip


def write_receipt(receiver: Receiver, brought: Brought, actor: str) -> Receipt:
    """Write the receipt of what was brought, and its end into the audit log; both are on disk when
    this returns. Where the last receipt of this import says the same, that one is returned.

    Raises DiskFull, LibraryUnusable; a second run writes it then.
    """
    folder = receiver.library.path.parent
    with _said_plainly(), ReceiptWriter(folder) as writer, receiver.library.read() as db:
        lines = Lines(db, brought)
        for line in lines:
            writer.add(line)
        if known := _same(folder, brought, writer):
            _anchor(receiver, known, actor)
            return known
        writer.add(seal := make_seal(lines))
        number = _keep(receiver, writer, actor, str(seal["verdict"]))
        file = receipt_file(folder, number)
        whole = brought.whole
        return Receipt(number, file, whole.source, whole.name, writer.head, seal)


def read_receipt(folder: Path, number: int) -> Receipt:
    """What the receipt says, in short; its chain is not checked. Raises NotFound,
    DamagedReceipt."""
    file = receipt_file(folder, number)
    first, seal = first_line(file), seal_of(file)
    try:
        return Receipt(number, file, first["source"], first["import"], seal["hash"], seal)
    except KeyError as error:
        raise DamagedReceipt(f"{file.name} is damaged", why=f"It has no {error}") from error


def receipts(library: Library) -> Iterator[Receipt | tuple[int, DamagedReceipt]]:
    """All there are or should be, newest first; of those that are not whole why."""
    folder = library.path.parent
    with library.read() as db:
        known = {number_of(file) or 0 for file in anchors(db)}
    here = set(receipt_numbers(folder))
    for number in sorted(here | known, reverse=True):
        try:
            if number not in here:
                raise DamagedReceipt(f"{receipt_file(folder, number).name} is missing",
                                     hint="Restore it from a backup")  # fmt: skip
            yield read_receipt(folder, number)
        except DamagedReceipt as error:
            yield number, error


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else LibraryUnusable
        raise kind(
            "The receipt cannot be written to the library's disk",
            why=error.strerror or str(error),
            hint="All that came in is kept. Make room, and run the import again",
        ) from error


def _same(folder: Path, brought: Brought, writer: ReceiptWriter) -> Receipt | None:
    """The last whole receipt of this import, if it is the same up to its seal."""
    for number in reversed(receipt_numbers(folder)):
        try:
            known = read_receipt(folder, number)
        except DamagedReceipt:
            continue
        if (known.source, known.name) == (brought.whole.source, brought.whole.name):
            same = known.seal.get("previous") == writer.head and writer.begins(known.file)
            return known if same else None
    return None


def _keep(receiver: Receiver, writer: ReceiptWriter, actor: str, verdict: str) -> int:
    with receiver.library.write() as db:
        folder = receiver.library.path.parent
        number = next_number(db, folder)
        final = receipt_file(folder, number)
        writer.keep(final)
        _record(receiver, db, actor, final.name, writer.head, verdict)
    return number


def _anchor(receiver: Receiver, known: Receipt, actor: str) -> None:
    """Where the power went between the file and the audit log, the log gets it now."""
    with receiver.library.write() as db:
        if known.file.name not in anchors(db):
            verdict = str(known.seal["verdict"])
            _record(receiver, db, actor, known.file.name, known.head, verdict)


def _record(
    receiver: Receiver, db: sqlite3.Connection, actor: str, file: str, head: str, verdict: str
) -> None:
    receiver.audit.record(db, actor, ACTION, None, file=file, head=head, verdict=verdict)
