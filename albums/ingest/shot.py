"""What the tags and names of a still say of the burst that it is part of, and of the original that
it is an edited copy of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from albums.ingest.facts.date_tags import parse_date, with_fraction

_ZERO = datetime(1970, 1, 1)
# 00003IMG_00003_BURST20180102030405678_COVER (Google), DSC_0001_BURST20180102030405678 (Sony)
_STAMPED = re.compile(r".*_burst(\d{14,17})(_cover)?", re.IGNORECASE)
# IMG_20180102_030405_BURST001_COVER (Huawei, Nexus), 20180102_030405_Burst01 (LG)
_COUNTED = re.compile(r"(.*\d{8}_?\d{6}.*)_burst(\d{1,4})(_cover)?", re.IGNORECASE)
_SAMSUNG = re.compile(r"(\d{8}_\d{6})_(\d{3})")
# IMG_E1234 (Apple), PXL_20240102_030405678~2 (Google, Samsung), IMG_1234-edited
_EDITS = (
    re.compile(r"(?P<before>img_)e(?P<after>\d{4,5})", re.IGNORECASE),
    re.compile(r"(?P<before>.+)~\d{1,2}"),
    re.compile(r"(?P<before>.+)[-_ ]edited", re.IGNORECASE),
)


def camera_of(tags: Mapping[str, Any]) -> str:
    """Make, model and number of the camera; empty where the file does not say."""
    exif = tags.get("exif", {})
    make, model = (str(exif.get(name) or "").strip().casefold() for name in ("Make", "Model"))
    number = str(exif.get("BodySerialNumber") or "").strip().casefold()
    return "|".join([make, model, number]) if model else ""


def clock_of(tags: Mapping[str, Any]) -> int | None:
    """When it was taken by the camera's own clock: milliseconds since 1970, whatever its zone."""
    exif = tags.get("exif", {})
    read = parse_date(exif.get("DateTimeOriginal"))
    if read is None or read.partly:
        return None
    when = with_fraction(read.when.replace(tzinfo=None), exif.get("SubSecTimeOriginal"))
    return round((when - _ZERO).total_seconds() * 1000)


def burst_of(tags: Mapping[str, Any], stems: Iterable[str]) -> tuple[str | None, bool]:
    """What the camera calls the burst, and whether this is what it holds for the best of it.

    `stems`: the file's names without their extensions.
    """
    xmp = tags.get("xmp", {})
    named = [found for found in map(_burst_in_name, stems) if found]
    cover = str(xmp.get("GCamera:BurstPrimary")) == "1" or any(best for _, best in named)
    told = tags.get("exif", {}).get("BurstUUID") or xmp.get("GCamera:BurstID")
    if told:
        return str(told), cover
    by_make = [name for name, _ in named] + _samsung(tags, stems)
    return min(by_make, default=None), cover


def _burst_in_name(stem: str) -> tuple[str, bool] | None:
    if match := _STAMPED.fullmatch(stem):
        return match[1], bool(match[2])
    if match := _COUNTED.fullmatch(stem):
        return match[1].casefold(), bool(match[3])
    return None


def _samsung(tags: Mapping[str, Any], stems: Iterable[str]) -> list[str]:
    """Others number in this way what they took within a second."""
    if "samsung" not in str(tags.get("exif", {}).get("Make")).casefold():
        return []
    return [match[1] for match in map(_SAMSUNG.fullmatch, stems) if match]


def original_names(stem: str) -> list[str]:
    """How the original may be called of which a file of this name (without extension) is an edited
    copy."""
    matches = [match for match in (edit.fullmatch(stem) for edit in _EDITS) if match]
    return ["".join(match.groupdict().values()) for match in matches]
