"""The lists that Albums' own export leaves in its folder: collections in their order."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

NAMES = ("collections.csv", "manifest.csv", "SHA256SUMS")
_COLLECTIONS = ["collection", "position", "path", "link"]
_MANIFEST = ["path", "sha256", "bytes"]


def is_list(name: str, raw: bytes) -> bool:
    """By what stands in it, not by its name alone."""
    if name == "SHA256SUMS":
        return b"  manifest.csv" in raw or b"  collections.csv" in raw
    wanted = _COLLECTIONS if name == "collections.csv" else _MANIFEST
    heading = next(_rows(raw), [])
    return heading[: len(wanted)] == wanted


def collections(raw: bytes) -> dict[str, list[str]]:
    """Name -> paths below the folder of the export, in order."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = _rows(raw)
    next(rows, None)
    for row in rows:
        if len(row) >= 3 and row[1].isdecimal() and len(row[1]) < 10:
            found[row[0]].append((int(row[1]), row[2]))
    return {name: [path for _, path in sorted(placed)] for name, placed in found.items()}


def _rows(raw: bytes) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(raw.decode("utf-8-sig", "replace"), newline=""))
    try:
        yield from reader
    except csv.Error:  # a field of more than 128 KiB: this is no list of ours
        return
