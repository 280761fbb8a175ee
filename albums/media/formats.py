"""What is it? Told by the first bytes, never by the extension; and which decoder opens it best."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

from albums.media import signatures
from albums.media.kinds import EXTENSIONS, PAPERS, RAWS, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from albums.media.still import Decoded

HEAD = 4096  # bytes that are enough to tell every format that we know

Kind = Literal["photo", "video", "document", "audio", "other"]


class Decode(Protocol):
    """Opens a picture. `longest` is the edge in pixels that is wanted, as a hint for speed."""

    def __call__(self, path: Path, format: Format, longest: int, pixels: int) -> Decoded: ...


@dataclass(frozen=True)
class Decoder:
    """A decoder family: `module` has `decode`, loaded only when a file needs it."""

    module: str
    scores: Mapping[str, int]  # mime type -> how well it does this type; the best wins

    def load(self) -> Decode:
        return cast("Decode", importlib.import_module(self.module).decode)


DECODERS: tuple[Decoder, ...] = (
    Decoder(
        "albums.media.still",
        {
            "image/jpeg": 10,
            "image/png": 10,
            "image/gif": 10,
            "image/webp": 10,
            "image/tiff": 10,
            "image/bmp": 10,
            "image/avif": 10,
            "image/jp2": 10,
            "image/x-icon": 10,
        },
    ),
    Decoder("albums.media.heif", {"image/heic": 10, "image/heif": 10}),
    Decoder(
        "albums.media.film",
        {
            "video/mp4": 10,
            "video/quicktime": 10,
            "video/3gpp": 10,
            "video/3gpp2": 10,
            "video/x-matroska": 10,
            "video/webm": 10,
            "video/x-msvideo": 10,
            "video/mp2t": 10,
            "video/mpeg": 10,
            "video/x-ms-wmv": 10,
            "video/x-flv": 10,
            "video/ogg": 10,
            "video/dv": 10,
            "video/mxf": 10,
            "video/vnd.rn-realvideo": 10,
        },
    ),
    Decoder("albums.media.psd", {"image/vnd.adobe.photoshop": 10}),
    Decoder("albums.media.jxl", {"image/jxl": 10}),
    Decoder("albums.media.raw", dict.fromkeys(RAWS, 10)),
    Decoder("albums.media.pdf", {"application/pdf": 10}),
    Decoder("albums.media.paper", dict.fromkeys(PAPERS, 10)),
)


@dataclass(frozen=True)
class Format:
    """What a file is. `extension` is the canonical one with its dot, or "" where there is none."""

    mime: str
    kind: Kind
    extension: str
    decodable: bool


def identify(head: bytes, name: str = "") -> Format:
    """The format of a file that begins with `head` (its first `HEAD` bytes, or all of it).

    `name` helps only where the bytes are the same: kinds of text, and RAW photos that are TIFF.
    Never fails: what nobody knows is `application/octet-stream`.
    """
    mime = signatures.mime_of(head, Path(name).suffix.lower())
    return Format(mime, kind_of(mime), EXTENSIONS.get(mime, ""), _decoder(mime) is not None)


def identify_file(path: Path, name: str = "") -> Format:
    """`identify` for a file on disk; `name` is what its owner called it."""
    with path.open("rb") as file:
        return identify(file.read(HEAD), name or path.name)


def decodable() -> set[str]:
    """The mime types of which pictures can be made."""
    return {mime for decoder in DECODERS for mime in decoder.scores}


def decoder_for(format: Format) -> Decoder | None:
    """The decoder that opens this format best, or None where there is none yet."""
    return _decoder(format.mime)


def _decoder(mime: str) -> Decoder | None:
    best = max(DECODERS, key=lambda decoder: decoder.scores.get(mime, 0))
    return best if best.scores.get(mime, 0) > 0 else None
