"""What Sony's cameras write into an MP4 film (XAVC) as XML, "NonRealTimeMeta": when it was taken on
the camera's clock, and with what."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from albums.media.isomedia import boxes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_LARGEST = 1_000_000  # bytes of the XML; they have some thousands
_SAID = {
    "nrtm:CreationDate": re.compile(r'<CreationDate\s[^>]*?value="([^"<>]{1,100})"'),
    "manufacturer": re.compile(r'<Device\s[^>]*?manufacturer="([^"<>]{1,100})"'),
    "model": re.compile(r'<Device\s[^>]*?modelName="([^"<>]{1,100})"'),
    "nrtm:Lens": re.compile(r'<Lens\s[^>]*?modelName="([^"<>]{1,100})"'),
}


def read(file: BinaryIO) -> dict[str, str]:
    """`nrtm:CreationDate` (ISO 8601 with offset), `manufacturer`, `model`, `nrtm:Lens`, as far as
    they are written."""
    for text in _documents(file):
        if "NonRealTimeMeta" in text:
            found = {name: pattern.search(text) for name, pattern in _SAID.items()}
            return {name: html.unescape(match[1]) for name, match in found.items() if match}
    return {}


def _documents(file: BinaryIO) -> Iterator[str]:
    """The XML of every box of metadata, beside the film's tracks or among them."""
    outer = list(boxes(file, 0, None))
    for kind, at, size in outer:
        if kind == b"meta":
            yield from _in_meta(file, at, at + size)
        elif kind == b"moov":
            for inner, start, length in list(boxes(file, at, at + size)):
                if inner == b"meta":
                    yield from _in_meta(file, start, start + length)


def _in_meta(file: BinaryIO, start: int, end: int) -> Iterator[str]:
    file.seek(start + 4)
    if file.read(4) != b"hdlr":  # in MP4, unlike in QuickTime, four bytes come first
        start += 4
    for kind, at, size in list(boxes(file, start, end)):
        if kind == b"xml " and size <= _LARGEST:
            file.seek(at)
            yield file.read(size).decode("utf-8", "replace")
