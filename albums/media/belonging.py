"""What a file says of the other files that were taken together with it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from albums.media import blocks, quicktime, tiff
from albums.media.formats import identify_file
from albums.media.makernote import content_identifier

_LONGEST = 100  # characters of an identifier; Apple's have 36
_YEARS = range(1904, 2200)  # outside, a time zone may lead out of the calendar
_QUICKTIME = "com.apple.quicktime."


def read(path: Path, name: str = "") -> dict[str, str]:
    """Of the file at `path`, whose owner called it `name`: `content_id`, the same in a live photo
    and its film; of a film also when it was taken, ISO 8601, as `taken` (local time with offset) or
    as `header` (UTC, by cameras that keep to the standard). What is not said is not there."""
    format = identify_file(path, name)
    found: dict[str, str | None] = {}
    with path.open("rb") as file:
        if format.kind == "video":
            texts = quicktime.metadata(file)
            header = quicktime.header_time(file)
            found["content_id"] = texts.get(f"{_QUICKTIME}content.identifier")
            found["taken"] = _moment(texts.get(f"{_QUICKTIME}creationdate", ""))
            found["header"] = header.isoformat() if header else None
        elif block := blocks.find(file, format.mime).exif:
            found["content_id"] = content_identifier(tiff.read(block))
    return {key: text[:_LONGEST] for key, text in found.items() if text}


def _moment(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.isoformat() if moment.tzinfo and moment.year in _YEARS else None
