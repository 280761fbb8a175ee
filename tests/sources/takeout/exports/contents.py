"""The bytes of generated media: real, small pictures and films, made large by noise inside them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

import piexif
from PIL import Image

Kind = Literal["jpeg", "heic", "png", "gif", "mp4", "mov", "dng", "empty"]
_NOISE = 1 << 22
_SEGMENT = 65_000  # bytes of noise in a JPEG comment; at most 65,533 fit
_SINCE_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_NO_TIME = "0000:00:00 00:00:00"


@dataclass(frozen=True)
class Content:
    """What a file is made of. Two contents are the same bytes exactly where they are equal.

    taken: what the file itself says, with a zone or without one; zeroed: it says 0000:00:00.
    film: a motion photo's, behind the picture.
    """

    kind: Kind
    seed: int
    size: int  # about, in bytes
    taken: datetime | None = None
    place: tuple[float, float] | None = None
    content_id: str = ""
    film: bool = False
    zeroed: bool = False

    def make(self) -> bytes:
        return _MAKERS[self.kind](self)

    @property
    def captured(self) -> datetime | None:
        """What a reader of the file learns; the header of a film is in UTC."""
        if self.kind in ("gif", "png", "empty") or self.zeroed or self.taken is None:
            return None
        return self.taken.astimezone(UTC) if self.kind == "mp4" else self.taken


def noise(seed: int, size: int) -> bytes:
    """Bytes that no compression shortens and no other seed has."""
    size = max(size, 0)
    start = seed * 7919 % (_NOISE - 1)
    own = struct.pack(">QQ", seed, size)
    block = _block()
    whole = block[start:] + block * (size // _NOISE)
    return (own + whole[: size - len(own)]) if size > len(own) else own


@cache
def _block() -> bytes:
    return random.Random(2026).randbytes(_NOISE)


def _exif(content: Content) -> bytes:
    exif: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    if content.zeroed:
        exif[piexif.ExifIFD.DateTimeOriginal] = _NO_TIME.encode()
    elif content.taken:
        exif[piexif.ExifIFD.DateTimeOriginal] = f"{content.taken:%Y:%m:%d %H:%M:%S}".encode()
        if content.taken.tzinfo:
            zone = f"{content.taken:%z}"
            exif[piexif.ExifIFD.OffsetTimeOriginal] = f"{zone[:3]}:{zone[3:]}".encode()
    if content.content_id:
        exif[piexif.ExifIFD.MakerNote] = apple_note(content.content_id)
    if content.place:
        latitude, longitude = content.place
        gps = {
            piexif.GPSIFD.GPSLatitudeRef: b"N" if latitude >= 0 else b"S",
            piexif.GPSIFD.GPSLatitude: _sixtieths(latitude),
            piexif.GPSIFD.GPSLongitudeRef: b"E" if longitude >= 0 else b"W",
            piexif.GPSIFD.GPSLongitude: _sixtieths(longitude),
        }
    made: bytes = piexif.dump({"0th": {piexif.ImageIFD.Make: b"Maker"}, "Exif": exif, "GPS": gps})
    return made


def _sixtieths(degrees: float) -> tuple[tuple[int, int], ...]:
    seconds = round(abs(degrees) * 3600 * 1000)
    return (seconds // 3_600_000, 1), (seconds // 60_000 % 60, 1), (seconds % 60_000, 1000)


def apple_note(content_id: str) -> bytes:
    """Apple's maker note with the identifier alone."""
    text = content_id.encode() + b"\0"
    entry = struct.pack(">HHII", 0x0011, 2, len(text), 14 + 2 + 12 + 4)
    return b"Apple iOS\0\0\1MM" + struct.pack(">H", 1) + entry + bytes(4) + text


@cache
def _picture(form: str, colour: int, exif: bytes = b"") -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((48, 32)).convert("RGB")
    image.paste((colour * 53 % 256, colour * 97 % 256, colour * 29 % 256), (0, 0, 48, 16))
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image.save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()


def _jpeg(content: Content) -> bytes:
    picture = _picture("JPEG", content.seed % 7)
    exif = _exif(content)
    head = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    film = _film(content, b"mp42\0\0\0\0mp42") if content.film else b""
    filling = noise(content.seed, content.size - len(picture) - len(head) - len(film))
    segments = (filling[at : at + _SEGMENT] for at in range(0, len(filling), _SEGMENT))
    comments = [b"\xff\xfe" + struct.pack(">H", len(some) + 2) + some for some in segments]
    return b"".join([head, *comments, picture[2:], film])


def _heic(content: Content) -> bytes:
    """Encoded once for each length of EXIF, which is then replaced by the file's own."""
    exif = _exif(content)
    template = _picture("HEIF", content.seed % 3, _blank(exif))
    picture = template.replace(_blank(exif), exif)
    return picture + box(b"free", noise(content.seed, content.size - len(picture)))


def _blank(exif: bytes) -> bytes:
    """As long as this one, and the same for all of this length."""
    return exif[:10] + (b"filling " * (len(exif) // 8 + 1))[: len(exif) - 10]


def _png(content: Content) -> bytes:
    picture = _picture("PNG", content.seed % 7)
    filling = b"noIs" + noise(content.seed, content.size - len(picture))
    chunk = struct.pack(">I", len(filling) - 4) + filling + struct.pack(">I", zlib.crc32(filling))
    end = len(picture) - 12  # before IEND
    return picture[:end] + chunk + picture[end:]


def _gif(content: Content) -> bytes:
    picture = _picture("GIF", content.seed % 7)
    filling = noise(content.seed, content.size - len(picture))
    blocks = [filling[at : at + 255] for at in range(0, len(filling), 255)]
    comment = b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    return picture[:-1] + comment + picture[-1:]


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an ISO base media file."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def _film(content: Content, brand: bytes) -> bytes:
    """A film without frames, with Apple's metadata as a phone writes it."""
    apple = {"content.identifier": content.content_id, "creationdate": ""}
    if content.taken and content.taken.tzinfo and content.kind == "mov":
        apple["creationdate"] = f"{content.taken:%Y-%m-%dT%H:%M:%S%z}"
    texts = {f"com.apple.quicktime.{key}": text for key, text in apple.items() if text}
    keys = b"".join(box(b"mdta", key.encode()) for key in texts)
    values = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0) + text.encode()))
        for number, text in enumerate(texts.values(), 1)
    )
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    listed = box(b"keys", struct.pack(">II", 0, len(texts)) + keys) + box(b"ilst", values)
    meta = box(b"meta", bytes(4) + handler + listed) if texts else b""
    taken = content.taken
    at = taken if taken is None or taken.tzinfo else taken.replace(tzinfo=UTC)
    seconds = int((at - _SINCE_1904).total_seconds()) if at else 0
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, seconds, seconds, 600, 1800) + bytes(80))
    return box(b"ftyp", brand) + box(b"moov", mvhd + meta)


def _moving(content: Content) -> bytes:
    brand = b"qt  \0\0\0\0qt  " if content.kind == "mov" else b"mp42\0\0\0\0mp42"
    head = _film(content, brand)
    return head + box(b"mdat", noise(content.seed, content.size - len(head)))


def _dng(content: Content) -> bytes:
    """A TIFF that says when it was taken; noise follows what its tables point to."""
    exif = _exif(content)[6:]
    return exif + noise(content.seed, content.size - len(exif))


_MAKERS: dict[Kind, Callable[[Content], bytes]] = {
    "jpeg": _jpeg,
    "heic": _heic,
    "png": _png,
    "gif": _gif,
    "mp4": _moving,
    "mov": _moving,
    "dng": _dng,
    "empty": lambda content: b"",
}
