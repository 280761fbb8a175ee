"""An export as it is downloaded: zips or tgzs, of which each names its entries in another way."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from tests.sources.takeout.exports.files import Export, File
from tests.sources.takeout.exports.layout import plan

Archive = Literal["zip", "tgz"]
_DATE = (2026, 3, 7, 5, 30, 26)
_ZIP64_EVERY = 50


def make_export(
    folder: Path,
    media: int,
    seed: int,
    languages: Sequence[str] = ("en", "de"),
    parts: int = 5,
    kind: Archive = "zip",
    sizes: tuple[int, int] = (100_000, 300_000),
) -> Export:
    """The parts of an export in this folder, and the truth about every entry."""
    export = plan(media, seed, languages, parts, sizes)
    write(export, folder, kind)
    return export


def write(export: Export, folder: Path, kind: Archive = "zip") -> None:
    """Each entry then knows its size and hash."""
    folder.mkdir(parents=True, exist_ok=True)
    by_part: list[list[File]] = [[] for _ in range(export.parts)]
    for file in export.files:
        by_part[file.part].append(file)
    write_part = _zip if kind == "zip" else _tgz
    export.archives = [
        folder / f"{export.name}-{number:03}.{kind}" for number in range(1, export.parts + 1)
    ]
    for part, (path, files) in enumerate(zip(export.archives, by_part, strict=True)):
        write_part(path, files, part)


def _made(file: File) -> bytes:
    content = file.make()
    file.size, file.sha256 = len(content), hashlib.sha256(content).hexdigest()
    return content


def _zip(path: Path, files: list[File], part: int) -> None:
    """Stored or deflated by turns; noise is never made shorter, as with real photos."""
    entry = _NAMED[part % len(_NAMED)]
    with zipfile.ZipFile(path, "w") as archive:
        for number, file in enumerate(files):
            info = entry(file.path, _DATE)
            info.external_attr = 0o644 << 16
            text = file.role != "medium"
            stored = part % 2 == 0 and not text
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info._compresslevel = 6 if text else 0  # type: ignore[attr-defined]
            wide = number % _ZIP64_EVERY == 0
            with archive.open(info, "w", force_zip64=wide) as out:
                out.write(_made(file))


class _Unmarked(zipfile.ZipInfo):
    """UTF-8 without a word about it, as many programs write it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(), self.flag_bits


class _Old(zipfile.ZipInfo):
    """The encoding of the first zips, where it has all letters."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        try:
            return self.filename.encode("cp437"), self.flag_bits
        except UnicodeEncodeError:
            return self.filename.encode(), self.flag_bits


class _WithPath(zipfile.ZipInfo):
    """An ASCII name, and the whole one in a Unicode Path field (APPNOTE 4.6.9)."""

    def __init__(self, filename: str, date_time: tuple[int, int, int, int, int, int]) -> None:
        super().__init__(filename, date_time)
        raw = self._encodeFilenameFlags()[0]
        field = b"\1" + zlib.crc32(raw).to_bytes(4, "little") + filename.encode()
        if not filename.isascii():
            self.extra = b"\x75\x70" + len(field).to_bytes(2, "little") + field

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("ascii", "replace").replace(b"?", b"_"), self.flag_bits


_NAMED: tuple[Callable[..., zipfile.ZipInfo], ...] = (
    zipfile.ZipInfo,
    _Unmarked,
    _Old,
    _WithPath,
)


def _tgz(path: Path, files: list[File], part: int) -> None:
    with tarfile.open(path, "w:gz", compresslevel=0) as archive:
        for file in files:
            content = _made(file)
            member = tarfile.TarInfo(file.path)
            member.size, member.mtime = len(content), 1_772_861_426
            archive.addfile(member, io.BytesIO(content))
