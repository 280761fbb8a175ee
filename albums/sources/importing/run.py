"""An export, from its archives to its receipt. Every stage can be done again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from albums.errors import BadInput
from albums.library.assets import now
from albums.library.imports import (
    Import,
    PartRow,
    open_import,
    open_part,
    parts_of,
    put_part,
)
from albums.sources.archives import Part, Parts, find_parts
from albums.sources.archives.parts import likeness
from albums.sources.importing.fingerprint import Fingerprint
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped
from albums.sources.importing.kind import Kind
from albums.sources.importing.landing import Landing
from albums.sources.importing.proving import prove
from albums.sources.importing.receipt import write_receipt
from albums.sources.importing.receipt_lines import Brought
from albums.sources.importing.telling import tell
from albums.sources.importing.things import land_documents, things_of
from albums.sources.importing.weighing import weigh

_ROOTED = ("takeout",)  # whose files lie under a folder that is always called the same
_OWN = ("originals", "pictures", "incoming")


def bring(importer: Importer, kind: Kind, asked: Asked, progress: ExportProgress) -> None:
    """Bring all parts in, understand them together, prove what landed and write the receipts.

    Returns early when `asked.stop` is set. Raises BadInput where there is nothing to import,
    DiskFull, LibraryUnusable; what was acknowledged until then is kept, and a second run goes on.
    """
    _refuse_unfit(importer, asked)
    by_name = None if kind.name in _ROOTED else lambda part: kind.import_name(part) is not None
    found = find_parts(asked.paths, by_name)
    if not found.parts:
        raise _nothing(asked, found)
    try:
        for name, parts in _by_import(kind, found.parts).items():
            if asked.dry_run:
                weigh(importer, kind, name, parts, asked, progress)
            else:
                _bring_one(_Run(importer, kind, asked, progress), name, parts, found)
    except Stopped:
        progress.end("stopped")
    else:
        progress.end("done")


@dataclass(frozen=True)
class _Run:
    """One import under way."""

    importer: Importer
    kind: Kind
    asked: Asked
    progress: ExportProgress


def _bring_one(run: _Run, name: str, parts: Sequence[Part], found: Parts) -> None:
    importer, progress, began_at = run.importer, run.progress, now()
    with importer.receiver.library.write() as db:
        whole = open_import(db, run.kind.name, name, began_at)
        rows = [open_part(db, _row(whole, part)) for part in parts]
    progress.begin_reading(sum(part.size for part in parts))
    with closing(Landing(importer, run.kind, whole, run.asked, progress)) as landing:
        for row, part in zip(rows, parts, strict=True):
            _land(importer, landing, row, part)
    progress.state, progress.part = "matching", ""
    things = things_of(importer, whole)
    understood = run.kind.understand(things)
    things = land_documents(importer, run.kind.name, whole, things, understood)
    progress.state = "saying"
    tell(importer, whole, run.kind.name, things, understood, run.asked, progress)
    progress.state = "proving"
    proven = prove(importer, whole, run.asked, progress)
    options = {"again": True} if run.asked.again else {}
    copied = importer.second_copy_at()
    brought = Brought(whole, found, understood, proven, began_at, options, copied)
    receipt = write_receipt(importer.receiver, brought, f"{run.kind.name}://{name}")
    progress.receipts.append(receipt.number)
    progress.summary[name] = receipt.as_json()


def _land(importer: Importer, landing: Landing, row: PartRow, part: Part) -> None:
    """Read a part to its end; its SHA-256 is made beside that, unless it is known."""
    with Fingerprint(part, row.sha) as fingerprint:
        landing.land(row, part)
    done = replace(row, whole=part.whole, problem=part.problem, sha=fingerprint.sha)
    with importer.receiver.library.write() as db:
        put_part(db, done)
        for other in parts_of(db, row.import_id):
            if _replaces(done, other):
                put_part(db, replace(other, superseded=True))
    importer.imports.append()


def _replaces(done: PartRow, other: PartRow) -> bool:
    """A part that came broken came again, whole."""
    same = done.number is not None and done.number == other.number
    return same and done.whole and not other.whole and other.id != done.id


def _row(whole: Import, part: Part) -> PartRow:
    key = likeness(part) or f"folder:{part.path.resolve()}"
    return PartRow(0, whole.id, key, part.path.name, part.number, part.kind, part.size)


def _by_import(kind: Kind, parts: Sequence[Part]) -> dict[str, list[Part]]:
    """Parts without a name belong to the export that came with them, if there is only one; else
    they are one export, called by where they lie."""
    named: dict[str, list[Part]] = {}
    unnamed: list[Part] = []
    for part in parts:
        name = kind.import_name(part)
        (unnamed if name is None else named.setdefault(name, [])).append(part)
    if unnamed:
        place = os.path.commonpath([part.path.resolve().parent for part in unnamed])
        only = next(iter(named)) if len(named) == 1 else f"unnamed in {place}"
        named.setdefault(only, []).extend(unnamed)
    return named


def _refuse_unfit(importer: Importer, asked: Asked) -> None:
    library = importer.receiver.library.path.parent.resolve()
    for path in asked.paths:
        real = path.resolve()
        if real == library or any(real.is_relative_to(library / name) for name in _OWN):
            raise BadInput(
                f"{path} belongs to the library itself",
                hint="Name the archives or the folder that you downloaded",
            )


def _nothing(asked: Asked, found: Parts) -> BadInput:
    why = "; ".join(f"{bad.path.name}: {bad.problem}" for bad in found.unreadable[:5])
    return BadInput(
        "There is nothing to import in " + ", ".join(str(path) for path in asked.paths[:5]),
        why=why,
        hint="Name the archives as they were downloaded, or the folder that they lie in",
    )
