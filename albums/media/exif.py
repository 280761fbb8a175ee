"""Tags as written, no opinion: everything that a file says about itself, as JSON can hold it."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, BinaryIO

from albums.errors import Undecodable
from albums.media import blocks, documents, iptc, quicktime, tiff, xmp
from albums.media.formats import decoder_for, identify_file
from albums.media.kinds import RAWS
from albums.media.makernote import burst_identifier, lens_of

if TYPE_CHECKING:
    from pathlib import Path

    from albums.media.formats import Format

WARNINGS = 20  # a broken block may hold thousands


def read(path: Path, name: str = "") -> dict[str, object]:
    """All that is written in the file at `path`; `name` is what its owner called it.

    `format`: mime, kind, extension. `exif`: standard tag names, GPS as signed decimal degrees and
    metres, binary values as {"base64": ...}. `iptc`, `xmp` ("ns:name"), `text` (PNG). `size` of
    the picture upright in pixels and `frames`, where a decoder knows them; `animated` and
    `gain_map` of a picture. `warnings`: what could not be read. Of a film also what film_tags.read
    gives; of a document, as `document`, what documents.said does. Never fails for what is in the
    file.
    """
    format = identify_file(path, name)
    warnings: list[str] = []
    with path.open("rb") as file:
        found = blocks.find(file, format.mime)
        exif, more = _exif(found.exif, warnings)
        _add_apart(exif, found, more, warnings)
    if format.mime in RAWS and "DateTimeOriginal" not in exif:
        exif = _said_by_raw(path) | exif
    warnings += found.warnings
    film = _film(path, format, warnings)
    size, frames = (None, None) if film else _size(path, format, warnings)
    xmps = _xmp([*found.xmp, *([more[tiff.XMP]] if tiff.XMP in more else [])], warnings)
    return {
        "format": {"mime": format.mime, "kind": format.kind, "extension": format.extension},
        "exif": exif,
        "iptc": iptc.read(found.iptc or more.get(tiff.IPTC, b"")),
        "xmp": xmps,
        "text": found.text,
        "upright_size": size,
        "frames": frames,
        **_beyond(path, format, frames, xmps),
        **(film or _header(path, format)),
        **_document(path, format, warnings),
        "warnings": warnings[:WARNINGS],
    }


_MAY_BE_FILMS = ("image/heic", "image/heif", "image/avif")


def _header(path: Path, format: Format) -> dict[str, object]:
    """The time in the header of pictures that move, as of a film."""
    if format.mime not in _MAY_BE_FILMS:
        return {}
    with path.open("rb") as file:
        epoch = quicktime.header_time(file)
    return {"quicktime_epoch": epoch.isoformat()} if epoch else {}


def _exif(
    block: BinaryIO | None, warnings: list[str]
) -> tuple[dict[str, object], dict[int, bytes]]:
    """Named tags, and the XMP and IPTC blocks that a TIFF keeps among its tags."""
    if block is None:
        return {}, {}
    tags = tiff.read(block)
    warnings += tags.warnings
    named: dict[str, object] = {}
    for ifd in ("main", "exif", "interop", "gps"):
        for name, value in _named(tags.ifds.get(ifd, {}), ifd).items():
            named.setdefault(name, value)
    if thumbnail := _named(tags.ifds.get("thumbnail", {}), "thumbnail"):
        named["Thumbnail"] = thumbnail
    if not named.get("LensModel") and (lens := lens_of(block, tags, str(named.get("Make", "")))):
        named["MakerNoteLensModel"] = lens
    if burst := burst_identifier(tags):
        named["BurstUUID"] = burst
    _decimals(named)
    return named, tags.blocks


def _add_apart(
    named: dict[str, object], found: blocks.Blocks, more: dict[int, bytes], warnings: list[str]
) -> None:
    """Tags that a RAW photo keeps in other places: IFDs by themselves, or those of the JPEG in
    it."""
    for ifd, block in found.apart.items():
        tags = tiff.read(block)
        warnings += tags.warnings
        for name, value in _named(tags.ifds.get("main", {}), ifd).items():
            named.setdefault(name, value)
    if found.apart:
        _decimals(named)
    inside = blocks.find(io.BytesIO(more.get(tiff.JPEG_FROM_RAW, b"")), "image/jpeg")
    for name, value in _exif(inside.exif, warnings)[0].items():
        named.setdefault(name, value)


def _said_by_raw(path: Path) -> dict[str, object]:
    from albums.media import raw

    return raw.said(path)


def _named(found: dict[int, object], ifd: str) -> dict[str, object]:
    names = tiff.names(ifd)
    return {names.get(tag, f"0x{tag:04x}"): value for tag, value in found.items()}


def _decimals(named: dict[str, object]) -> None:
    _decimal(named, "GPSLatitude", "S", 90)
    _decimal(named, "GPSLongitude", "W", 180)
    _decimal(named, "GPSDestLatitude", "S", 90)
    _decimal(named, "GPSDestLongitude", "W", 180)
    _below_sea(named)


def _decimal(tags: dict[str, object], name: str, negative: str, limit: int) -> None:
    """Degrees, minutes, seconds and their letter -> signed degrees; nonsense is dropped."""
    written = tags.pop(name, None)
    parts = written if isinstance(written, list) else [written]
    numbers = [part for part in parts[:3] if isinstance(part, int | float)]
    if not numbers or len(numbers) < min(len(parts), 2):
        return
    degrees = sum(number / 60**place for place, number in enumerate(numbers))
    if str(tags.get(f"{name}Ref", "")).strip().upper().startswith(negative):
        degrees = -degrees
    if abs(degrees) <= limit:
        tags[name] = degrees


def _below_sea(tags: dict[str, object]) -> None:
    altitude = tags.get("GPSAltitude")
    if isinstance(altitude, int | float) and tags.get("GPSAltitudeRef") in (1, "1", "\x01"):
        tags["GPSAltitude"] = -abs(altitude)


def _xmp(packets: list[bytes], warnings: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for packet in packets:
        try:
            found |= xmp.read(packet)
        except ValueError as error:
            warnings.append(str(error))
    return found


def _film(path: Path, format: Format, warnings: list[str]) -> dict[str, object]:
    if format.kind != "video":
        return {}
    from albums.media import film_tags  # loads FFmpeg

    found = film_tags.read(path, format)
    warnings += found.pop("warnings")
    return found


def _document(path: Path, format: Format, warnings: list[str]) -> dict[str, object]:
    if not documents.readable(format.mime):
        return {}
    from albums.media.still import BROKEN

    try:
        return {"document": documents.said(path)}
    except (Undecodable, *BROKEN) as error:
        warnings.append(str(error))
        return {}


def _beyond(
    path: Path, format: Format, frames: int | None, xmps: dict[str, object]
) -> dict[str, object]:
    """What a picture is beyond its pixels; nothing of what is no picture."""
    if not format.mime.startswith("image/"):
        return {}
    from albums.media import animation, gainmap
    from albums.media.still import BROKEN

    with path.open("rb") as file:
        try:
            animated = animation.is_animated(file, format.mime, frames)
        except BROKEN:
            animated = False
        return {"animated": animated, "gain_map": gainmap.find(file, format.mime, xmps)}


def _size(path: Path, format: Format, warnings: list[str]) -> tuple[list[int] | None, int | None]:
    decoder = decoder_for(format)
    if decoder is None or documents.readable(format.mime):  # a page has no pixels
        return None, None
    from albums.media.still import BROKEN

    try:
        size, frames = importlib.import_module(decoder.module).size_of(path, format)
    except BROKEN as error:
        warnings.append(f"The picture's size cannot be read ({type(error).__name__}).")
        return None, None
    return list(size), frames
