"""The lists in an exported folder: what lies where, with its hash, in words and for `sha256sum -c`.

By them a later run knows what is its own. They are written last and replaced at once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from albums.errors import BadInput

MANIFEST, SUMS, COLLECTIONS = "manifest.csv", "SHA256SUMS", "collections.csv"
_HEADINGS = {
    MANIFEST: ["path", "sha256", "bytes", "captured_at", "received_at", "original_name"],
    COLLECTIONS: ["collection", "position", "path", "link"],
}


@dataclass(frozen=True)
class Before:
    """What an earlier export left in the folder."""

    places: dict[str, str] = field(default_factory=dict)  # SHA-256 of an original -> path
    sums: dict[str, str] = field(default_factory=dict)  # path of any file of ours -> SHA-256
    links: dict[str, str] = field(default_factory=dict)  # link of a collection -> path


def read_before(folder: Path) -> Before:
    """Raises BadInput where a file of another program has the name of one of the lists."""
    rows = _rows(folder / MANIFEST)
    if not (folder / MANIFEST).exists() and (folder / SUMS).exists():
        raise _foreign(folder / SUMS)
    links = _rows(folder / COLLECTIONS)
    return Before(
        {row["sha256"]: row["path"] for row in rows},
        read_sums(folder) if rows else {},
        {row["link"]: row["path"] for row in links if row["link"]},
    )


def read_places(folder: Path) -> dict[str, str]:
    """SHA-256 of each original -> its path, as the manifest on disk says it."""
    return {row["sha256"]: row["path"] for row in _rows(folder / MANIFEST)}


def read_sums(folder: Path) -> dict[str, str]:
    """Path -> SHA-256, as `sha256sum -c` will read it."""
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {path: sha for sha, _, path in (line.partition("  ") for line in lines)}


def as_csv(name: str, rows: Iterable[Iterable[object]]) -> bytes:
    """The list called `name`, with its headings."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(_HEADINGS[name])
    writer.writerows(rows)
    return out.getvalue().encode()


def as_sums(sums: Mapping[str, str]) -> bytes:
    # No name of ours holds a backslash or a line feed, which would have to be written otherwise.
    return "".join(f"{sha}  {path}\n" for path, sha in sorted(sums.items())).encode()


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    except (UnicodeDecodeError, OSError) as error:
        raise _foreign(path) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if reader.fieldnames != _HEADINGS[path.name]:
        raise _foreign(path)
    rows = list(reader)
    if any(None in row.values() or not _within(row["path"]) for row in rows):
        raise _foreign(path)
    return rows


def _within(path: str) -> bool:
    """A list that somebody wrote must not lead us out of the folder."""
    return not path.startswith("/") and ".." not in path.split("/")


def _foreign(path: Path) -> BadInput:
    return BadInput(
        f"{path} is not a list of an export",
        why="Nothing that is not ours is overwritten",
        hint="Name an empty folder, or one that was exported to before",
    )
