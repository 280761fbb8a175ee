"""What a photo is beyond one flat picture: an animation, several pages, a panorama, brighter than
screens usually are. Drawn from its tags."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping
from typing import Any

from albums.library.assets import Asset

# What every browser shows as it is, moving where it moves.
SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}
SEQUENCES = {"image/heic", "image/heif"}  # shown by few; albums/media/animation.py makes a copy
PAGED = {"image/tiff", "image/heic", "image/heif"}
_PREFIX = "GPano:"
_NARROWEST, _WIDEST = 30.0, 100.0  # degrees that are seen at once


def still_in(db: sqlite3.Connection, asset: Asset) -> dict[str, Any] | None:
    """`still_of` by what the library knows."""
    row = db.execute("select tags from exif where asset_id = ?", (asset.id,)).fetchone()
    return still_of(asset.mime, json.loads(row["tags"])) if row else None


def still_of(mime: str, tags: Mapping[str, Any]) -> dict[str, Any] | None:
    """`tags`: as albums/media/exif.py reads them. None of what is no picture, or still unread."""
    if not mime.startswith("image/") or "animated" not in tags:
        return None
    animated = bool(tags["animated"])
    frames = tags.get("frames") or 1
    size = tags.get("upright_size")
    return {
        "animation": _plays(mime) if animated else None,
        "pages": frames if mime in PAGED and not animated else 1,
        "gain_map": tags.get("gain_map"),
        "panorama": panorama_of(tags.get("xmp", {}), size) if size and not animated else None,
        "shown": mime in SHOWN,
    }


def _plays(mime: str) -> str | None:
    if mime in SHOWN:
        return "original"
    return "animation" if mime in SEQUENCES else None


def panorama_of(xmp: Mapping[str, Any], size: list[int]) -> dict[str, float] | None:
    """What part of the sphere a photo of `size` pixels shows, as fractions of its width and height
    from the top left, and where to look first, in degrees (Google's Photo Sphere XMP metadata).
    None of what is no sphere, and of numbers that make no sense."""
    if str(xmp.get(f"{_PREFIX}ProjectionType", "")).lower() != "equirectangular":
        return None
    width, height = size
    cropped = _number(xmp, "CroppedAreaImageWidthPixels", width)
    cropped_height = _number(xmp, "CroppedAreaImageHeightPixels", height)
    full = _number(xmp, "FullPanoWidthPixels", max(cropped, 2 * cropped_height))
    full_height = _number(xmp, "FullPanoHeightPixels", full / 2)
    if min(cropped, cropped_height, full, full_height) <= 0:
        return None
    left = _number(xmp, "CroppedAreaLeftPixels", (full - cropped) / 2) / full
    top = _number(xmp, "CroppedAreaTopPixels", (full_height - cropped_height) / 2) / full_height
    across, down = cropped / full, cropped_height / full_height
    if not (0 <= left <= 1 - across + 0.01 and 0 <= top <= 1 - down + 0.01):
        return None
    return {
        "left": left,
        "top": top,
        "width": min(across, 1.0),
        "height": min(down, 1.0),
        # Where nothing is said, the middle of the picture is looked at.
        "heading": _heading(xmp, 360 * (left + across / 2) - 180),
        "pitch": _within(_number(xmp, "InitialViewPitchDegrees", 90 - 180 * (top + down / 2)), 90),
        "view": min(_WIDEST, max(_NARROWEST, _number(xmp, "InitialHorizontalFOVDegrees", 75))),
    }


def _heading(xmp: Mapping[str, Any], middle: float) -> float:
    """Of the first look, counted from the middle of the sphere: written against north."""
    initial = _number(xmp, "InitialViewHeadingDegrees", math.nan)
    pose = _number(xmp, "PoseHeadingDegrees", math.nan)
    turned = initial - pose if math.isfinite(initial) and math.isfinite(pose) else middle
    return (turned + 180) % 360 - 180


def _within(value: float, limit: float) -> float:
    return min(limit, max(-limit, value))


def _number(xmp: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        value = float(xmp.get(_PREFIX + name, otherwise))
    except (TypeError, ValueError):
        return otherwise
    return value if math.isfinite(value) else otherwise
