"""Archives made for the tests, and how the tests read them."""

from __future__ import annotations

import io
import os
import random
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from albums.sources.archives import Entry, Part, entries, find_parts

FOLDER = "Takeout/Google Fotos/Fotos von 2019"


def media(count: int = 5, size: int = 3000) -> dict[str, bytes]:
    """Names and bytes; one is empty, all are half noise and half text."""
    noise = random.Random(count)
    return {
        f"{FOLDER}/IMG_{i}.jpg": noise.randbytes(i * size // 2) + b"text" * (i * size // 8)
        for i in range(count)
    }


def make_zip(
    path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, **how: Any
) -> Path:
    with zipfile.ZipFile(path, "w", method, **how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


class Pipe(io.RawIOBase):
    """A file that cannot be sought: zipfile then writes data descriptors."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self.file.write(data)

    def close(self) -> None:
        self.file.close()
        super().close()


def make_streamed_zip(path: Path, files: Mapping[str, bytes], method: int) -> Path:
    with Pipe(path) as pipe, zipfile.ZipFile(cast(Any, pipe), "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, files: Mapping[str, bytes], mode: str = "w:gz", **how: Any) -> Path:
    with tarfile.open(path, cast(Any, mode), **how) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mtime = 1_558_000_000
            archive.addfile(member, io.BytesIO(data))
    return path


def part(path: Path) -> Part:
    (only,) = find_parts([path]).parts
    return only


def read(part: Part, skip: Iterable[int] = (), limit: int = 1 << 26) -> list[tuple[Entry, bytes]]:
    """All entries and their bytes, up to `limit` each."""
    found = []
    for entry, stream in entries(part, frozenset(skip)):
        data = io.BytesIO()
        while data.tell() < limit and (chunk := stream.read(1 << 16)):
            data.write(chunk)
        found.append((entry, data.getvalue()))
    return found


def whole(found: Iterable[tuple[Entry, bytes]]) -> dict[str, bytes]:
    return {entry.path: data for entry, data in found if entry.whole}


def replaced(path: Path, at: int, data: bytes) -> Path:
    """Overwrite bytes in place; a negative `at` counts from the end."""
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        file.write(data)
    return path


def truncated(path: Path, size: int) -> Path:
    os.truncate(path, size if size >= 0 else path.stat().st_size + size)
    return path
