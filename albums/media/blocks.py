"""Where the containers keep their metadata: EXIF, XMP and IPTC blocks, as bytes.

Each reader goes from box to box and stops quietly where the file ends or makes no sense.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from albums.media import iptc, isomedia

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
LARGEST = 16_000_000  # bytes of one block; more is no metadata
CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")  # the uuid box with the tags
CANON_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
CANON_IFDS = {b"CMT2": "exif", b"CMT4": "gps"}
PNG_TEXT = 1000  # text chunks


@dataclass
class Blocks:
    """What a file carries beside its picture."""

    exif: BinaryIO | None = None  # its first byte is the TIFF header
    apart: dict[str, BinaryIO] = field(default_factory=dict)  # IFDs with TIFF headers of their own
    xmp: list[bytes] = field(default_factory=list)
    iptc: bytes = b""
    text: dict[str, str] = field(default_factory=dict)  # PNG's own words
    warnings: list[str] = field(default_factory=list)


def find(file: BinaryIO, mime: str) -> Blocks:
    """The metadata blocks of an open file of this type; none where we cannot look inside."""
    reader = READERS.get(mime)
    if reader is None:
        return Blocks()
    file.seek(0)
    return reader(file)


def _jpeg(file: BinaryIO) -> Blocks:
    blocks = Blocks()
    extended: dict[bytes, dict[int, bytes]] = {}
    resources = b""
    for marker, content in segments(file):
        if marker == 0xE1 and content.startswith(b"Exif\0") and blocks.exif is None:
            blocks.exif = io.BytesIO(content[6:])
        elif marker == 0xE1 and content.startswith(XMP_HEADER):
            blocks.xmp.append(content[len(XMP_HEADER) :])
        elif marker == 0xE1 and content.startswith(XMP_MORE):
            part = content[len(XMP_MORE) :]
            offset = int.from_bytes(part[36:40], "big")
            extended.setdefault(part[:32], {})[offset] = part[40:]
        elif marker == 0xED and content.startswith(b"Photoshop 3.0\0"):
            resources += content[14:]
        elif marker == 0xEC and (found := re.search(rb"\sTimeDate=(\d{1,10})\s", content)):
            blocks.text["TimeDate"] = found[1].decode("ascii")  # cameras before EXIF
    blocks.xmp += [b"".join(parts[at] for at in sorted(parts)) for parts in extended.values()]
    blocks.iptc = iptc.of_photoshop(resources)
    return blocks


def segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment of a JPEG before the picture's own data."""
    file.seek(2)
    while True:
        byte = file.read(1)
        while byte == b"\xff":  # any number of fill bytes may stand before a marker
            byte = file.read(1)
        if not byte or byte in (b"\xda", b"\xd9"):
            return
        size = int.from_bytes(file.read(2), "big")
        if size < 2:
            return
        yield byte[0], file.read(size - 2)
        if file.read(1) != b"\xff":
            return


def _png(file: BinaryIO) -> Blocks:
    blocks = Blocks()
    file.seek(8)
    while len(head := file.read(8)) == 8:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt") and size <= LARGEST:
            _png_chunk(blocks, kind, file.read(size))
            file.seek(4, io.SEEK_CUR)
        else:
            file.seek(size + 4, io.SEEK_CUR)
    return blocks


def _png_chunk(blocks: Blocks, kind: bytes, content: bytes) -> None:
    if kind == b"eXIf":
        blocks.exif = io.BytesIO(content.removeprefix(b"Exif\0\0"))
        return
    keyword, _, rest = content.partition(b"\0")
    if kind == b"zTXt":
        rest = _inflate(rest[1:])
    elif kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
        rest = _inflate(rest) if packed else rest
    name = keyword.decode("latin-1").lower()
    if name == "xml:com.adobe.xmp":
        blocks.xmp.append(rest)
    elif name.startswith("raw profile type "):
        _raw_profile(blocks, name.removeprefix("raw profile type "), rest)
    elif len(blocks.text) < PNG_TEXT:
        charset = "utf-8" if kind == b"iTXt" else "latin-1"
        blocks.text.setdefault(keyword.decode("latin-1"), rest.decode(charset, "replace"))


def _raw_profile(blocks: Blocks, kind: str, content: bytes) -> None:
    """ImageMagick's way: the block as hexadecimal text under a name and a length."""
    match = re.match(rb"\s*\w+\s+(\d+)\s+([0-9a-fA-F\s]*)", content)
    if match is None:
        return
    digits = re.sub(rb"\s", b"", match[2])
    block = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    if kind in ("exif", "app1") and block.startswith(b"Exif\0\0"):
        blocks.exif = blocks.exif or io.BytesIO(block[6:])
    elif kind in ("xmp", "app1"):
        blocks.xmp.append(block.removeprefix(XMP_HEADER))
    elif kind == "iptc":
        blocks.iptc = iptc.of_photoshop(block) or block


def _inflate(content: bytes) -> bytes:
    """Unpacked up to the limit, however much is promised."""
    try:
        return zlib.decompressobj().decompress(content, LARGEST)
    except zlib.error:
        return b""


def _webp(file: BinaryIO) -> Blocks:
    blocks = Blocks()
    file.seek(12)
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] in (b"EXIF", b"XMP ") and size <= LARGEST:
            content = file.read(size)
            if head[:4] == b"EXIF":
                blocks.exif = io.BytesIO(content.removeprefix(b"Exif\0\0"))
            else:
                blocks.xmp.append(content)
            file.seek(size % 2, io.SEEK_CUR)
        else:
            file.seek(size + size % 2, io.SEEK_CUR)
    return blocks


def _heif(file: BinaryIO) -> Blocks:
    exif, xmp = isomedia.metadata_items(file)
    return Blocks(exif=io.BytesIO(_after_offset(exif)) if exif else None, xmp=xmp)


def _jxl(file: BinaryIO) -> Blocks:
    """ISO/IEC 18181-2: boxes as they are, or packed with Brotli in a box of its own (`brob`)."""
    blocks = Blocks()
    for kind, start, size in isomedia.boxes(file, 0, None):
        if kind not in (b"Exif", b"xml ", b"brob") or size > LARGEST:
            continue
        file.seek(start)
        content = file.read(size)
        if kind == b"brob":
            kind, content = content[:4], _unpacked(content[4:])
            if not content:
                blocks.warnings.append("Some tags are packed (Brotli) and cannot be read.")
        if kind == b"Exif" and content:
            blocks.exif = io.BytesIO(_after_offset(content))
        elif kind == b"xml " and content:
            blocks.xmp.append(content)
    return blocks


def _unpacked(packed: bytes) -> bytes:
    """b"" for what is broken, or unpacks to more than any tags have."""
    import brotli

    unpacking = brotli.Decompressor()
    try:
        content: bytes = unpacking.process(packed, output_buffer_limit=LARGEST)
    except brotli.error:
        return b""
    whole = unpacking.is_finished() and len(content) <= LARGEST  # the limit is a hint
    return content if whole else b""


def _after_offset(content: bytes) -> bytes:
    """An Exif item begins with how far it is to the TIFF header."""
    skipped = content[4 + int.from_bytes(content[:4], "big") :]
    if skipped[:2] in (b"II", b"MM"):
        return skipped
    headers = [at for order in (b"II*\0", b"MM\0*") if (at := content.find(order)) >= 0]
    return content[min(headers) :] if headers else skipped


def _tiff(file: BinaryIO) -> Blocks:
    return Blocks(exif=file)


def _psd(file: BinaryIO) -> Blocks:
    from albums.media import psd

    held = psd.resources(file)
    exif, xmp = iptc.resource(held, 0x0422), iptc.resource(held, 0x0424)
    return Blocks(
        exif=io.BytesIO(exif) if exif else None,
        xmp=[xmp] if xmp else [],
        iptc=iptc.of_photoshop(held),
    )


def _raf(file: BinaryIO) -> Blocks:
    """Fuji's RAW carries a whole JPEG, and its metadata in that."""
    file.seek(84)
    start, size = int.from_bytes(file.read(4), "big"), int.from_bytes(file.read(4), "big")
    file.seek(start)
    return _jpeg(io.BytesIO(file.read(min(size, LARGEST))))


def _cr3(file: BinaryIO) -> Blocks:
    """Canon's boxes: each IFD of EXIF is a TIFF of its own."""
    found = Blocks()
    for kind, start, size in isomedia.boxes(file, 0, None):
        if kind == b"uuid" and _bytes(file, start, 16) == CANON_XMP:
            found.xmp.append(_bytes(file, start + 16, size - 16))
        elif kind == b"moov":
            _canon(file, found, start, start + size)
    return found


def _canon(file: BinaryIO, found: Blocks, start: int, end: int) -> None:
    for kind, at, size in isomedia.boxes(file, start, end):
        if kind != b"uuid" or _bytes(file, at, 16) != CANON:
            continue
        for name, place, length in isomedia.boxes(file, at + 16, at + size):
            content = io.BytesIO(_bytes(file, place, length))
            if name == b"CMT1":
                found.exif = content
            elif name in CANON_IFDS:
                found.apart[CANON_IFDS[name]] = content


def _bytes(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(max(0, min(size, LARGEST)))


def _xmp(file: BinaryIO) -> Blocks:
    return Blocks(xmp=[file.read(LARGEST)])


READERS: dict[str, Callable[[BinaryIO], Blocks]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/heic": _heif,
    "image/heif": _heif,
    "image/avif": _heif,
    "image/jxl": _jxl,
    "image/tiff": _tiff,
    "image/x-adobe-dng": _tiff,
    "image/x-canon-cr2": _tiff,
    "image/x-nikon-nef": _tiff,
    "image/x-nikon-nrw": _tiff,
    "image/x-sony-arw": _tiff,
    "image/x-sony-sr2": _tiff,
    "image/x-olympus-orf": _tiff,
    "image/x-panasonic-rw2": _tiff,
    "image/x-pentax-pef": _tiff,
    "image/x-samsung-srw": _tiff,
    "image/x-hasselblad-3fr": _tiff,
    "image/x-phaseone-iiq": _tiff,
    "image/x-epson-erf": _tiff,
    "image/x-mamiya-mef": _tiff,
    "image/x-fuji-raf": _raf,
    "image/x-canon-cr3": _cr3,
    "image/vnd.adobe.photoshop": _psd,
    "application/rdf+xml": _xmp,
}
