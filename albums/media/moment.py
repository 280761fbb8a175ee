"""What a file says of when it was taken, as written; and Apple's identifier of a live photo."""

from __future__ import annotations

from pathlib import Path

from albums.media import belonging, blocks, tiff
from albums.media.formats import identify_file

_DATES = ("DateTimeOriginal", "DateTimeDigitized", "CreateDate")
_OFFSETS = ("OffsetTimeOriginal", "OffsetTimeDigitized", "OffsetTime")


def read(path: Path, name: str = "") -> dict[str, str]:
    """Of the file at `path`, whose owner called it `name`: `when`, as EXIF writes it or ISO 8601
    by a film; `offset`, as EXIF writes it; `content_id`. What is not said is not there."""
    found = dict(belonging.read(path, name))
    when = found.pop("taken", None) or found.pop("header", None)
    if when:
        return found | {"when": when}
    format = identify_file(path, name)
    if format.kind != "photo":
        return found
    with path.open("rb") as file:
        block = blocks.find(file, format.mime).exif
        if block is None:
            return found
        said = {
            tiff.names(ifd).get(tag, ""): value
            for ifd in ("main", "exif")
            for tag, value in tiff.read(block).ifds.get(ifd, {}).items()
        }
    for key, tags in (("when", _DATES), ("offset", _OFFSETS)):
        if text := next((t for tag in tags if isinstance(t := said.get(tag), str) and t), None):
            found[key] = text
    return found
