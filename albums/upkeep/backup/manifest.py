"""What one snapshot of a backup holds: every file with its size and hash, and the list's own hash.

`manifest.jsonl`: a line about the snapshot, a line a file, and last the SHA-256 of all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from albums.errors import AlbumsError, LibraryUnusable
from albums.vault.durable import fsync_folder

FILE = "manifest.jsonl"
SCHEMA = 1
_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/(\1[0-9a-f]{62})((?:\.[^/\0]{1,32})?)")
_SIDECAR = ".sidecar.json"
_HASH = re.compile(r"[0-9a-f]{64}")


class BackupDamaged(AlbumsError):
    """Something in a backup is not what it was when it was written."""

    code = "backup-damaged"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the library. `path` is relative to the library's folder, with slashes."""

    path: str
    size: int  # bytes
    sha256: str  # hex

    @property
    def kind(self) -> Literal["original", "sidecar", "wide"]:
        """`wide`: one of the files that speak of the whole library, the database among them."""
        return kind_of(self.path)


@dataclass(frozen=True)
class Manifest:
    """A snapshot's list, in the order in which it was written."""

    about: Mapping[str, Any] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()


def kind_of(path: str) -> Literal["original", "sidecar", "wide"]:
    found = _ORIGINAL.fullmatch(path)
    if not found:
        return "wide"
    return "sidecar" if found[3] == _SIDECAR else "original"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the list into `folder` at once; it is on disk when this returns."""
    temporary, digest = folder / f".{FILE}", hashlib.sha256()
    with temporary.open("wb") as file:
        for line in _lines(manifest):
            digest.update(line)
            file.write(line)
        file.write(_line({"sha256": digest.hexdigest()}))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)
    fsync_folder(folder)
    fsync_folder(folder.parent)


def _lines(manifest: Manifest) -> Iterator[bytes]:
    yield _line({"schema": SCHEMA} | dict(manifest.about))
    for entry in manifest.entries:
        yield _line([entry.path, entry.size, entry.sha256])


def _line(content: object) -> bytes:
    return json.dumps(content).encode() + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupDamaged, or LibraryUnusable when a newer program wrote it."""
    content = (folder / FILE).read_bytes()
    body, last = _cut_last_line(content)
    try:
        if json.loads(last) != {"sha256": hashlib.sha256(body).hexdigest()}:
            raise ValueError("it does not have the hash that it had")
        about, *rows = [json.loads(line) for line in body.splitlines()]
        if about["schema"] > SCHEMA:
            raise LibraryUnusable(
                f"The snapshot {folder.name} was written by a newer Albums",
                hint="Update this program",
            )
        return Manifest(about, tuple(_entry(*row) for row in rows))
    except (ValueError, TypeError, KeyError) as error:
        raise BackupDamaged(
            f"The list of the snapshot {folder.name} is damaged",
            why=str(error),
            hint="Use another snapshot, or make a new one: albums backup",
        ) from error


def _cut_last_line(content: bytes) -> tuple[bytes, bytes]:
    cut = content.rstrip(b"\n").rfind(b"\n") + 1
    return content[:cut], content[cut:]


def _entry(path: str, size: int, sha256: str) -> Entry:
    """Raises ValueError for what could lead out of the library's folder."""
    plain = path not in ("", ".", "..") and "/" not in path and "\0" not in path
    if not (plain or _ORIGINAL.fullmatch(path)) or size < 0 or not _HASH.fullmatch(sha256):
        raise ValueError(f"it names {path!r}")
    return Entry(path, size, sha256)
