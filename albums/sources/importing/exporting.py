"""A receipt as files that other programs read: one row an archive entry."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from albums.library.import_receipts import first_line, lines_with

_KEYS = ("part", "path", "size", "sha256", "fate", "asset", "sidecar", "pairing", "verdict")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for something to compute


def entry_keys(file: Path) -> tuple[str, ...]:
    """The columns: what the address of a photo is called depends on where it came from."""
    return (*_KEYS, "google_url" if first_line(file)["source"] == "takeout" else "url")


def entry_rows(file: Path, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One an archive entry, in the order of the receipt."""
    for line in lines_with(file, '"type": "entry"'):
        if line["type"] == "entry":
            yield {key: line.get(key) for key in keys}


def as_jsonl(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    return (json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for row in rows)


def as_csv(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> Iterator[bytes]:
    """UTF-8 with a mark by which spreadsheets know it. A cell is never taken for a formula."""
    yield b"\xef\xbb\xbf" + _csv_line(keys)
    for row in rows:
        yield _csv_line([_cell(row[key]) for key in keys])


def _csv_line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
