"""What two files must have alike to be the same picture: format, depth and every upright pixel."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media.formats import decoder_for, identify_file

if TYPE_CHECKING:
    from pathlib import Path

_WHOLE = 1 << 20  # pixels; longer than any edge, so that no decoder makes it smaller


@dataclass(frozen=True)
class Pixels:
    """`hash`: hex; the same for the same picture in the same format, whatever is written beside
    it. Empty where not all of the picture is there."""

    hash: str


def pixels_of(path: Path, pixels: int) -> Pixels:
    """Decode the whole picture at `path`, of at most `pixels` pixels. Raises Undecodable."""
    format = identify_file(path)
    decoder = decoder_for(format) if format.kind == "photo" else None
    if decoder is None:
        raise Undecodable("This file is no picture", reason="no-decoder", mime=format.mime)
    decoded = decoder.load()(path, format, _WHOLE, pixels)
    if decoded.truncated:
        return Pixels("")
    digest = blake2b(digest_size=16)
    for part in (format.mime, _depth(path, format.mime), str(decoded.image.size)):
        digest.update(part.encode() + b"\0")
    digest.update(decoded.icc or b"")
    digest.update(decoded.image.tobytes())
    return Pixels(digest.hexdigest())


def _depth(path: Path, mime: str) -> str:
    """Mode and bits of the file: what is opened here has 8 bits and no transparency."""
    from PIL import Image

    from albums.media.still import PILLOW, quiet

    if mime not in PILLOW:
        return ""
    with quiet(), Image.open(path, formats=PILLOW[mime]) as image:
        tiles = getattr(image, "tile", None) or [()]
        return f"{image.mode} {tiles[0][-1] if tiles[0] and mime == 'image/png' else ''}"
