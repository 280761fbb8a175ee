"""What one of Google's JSON files says, kept verbatim and read without ever failing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_000_000_000, 7_258_118_400  # the years 5 and 2200, in seconds since 1970
_ONLY_PHOTOS = ("photoTakenTime", "googlePhotosOrigin", "imageViews")
_ONLY_ORDERS = ("externalOrderId", "subscriptions")


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS 84; metres above the sea where they are said."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, slots=True)
class PhotoSaid:
    """The sidecar of one photo. `odd` names the fields that could not be understood.

    place: as Google shows it, perhaps set by hand; place_exif: as the camera wrote it; None where
    Google says 0/0. An absent flag is false.
    """

    raw: bytes
    title: str | None
    taken: datetime | None  # photoTakenTime, UTC: Google keeps no zone
    uploaded: datetime | None  # creationTime, UTC: never a date of the photo
    place: Place | None
    place_exif: Place | None
    description: str | None
    people: tuple[str, ...]
    url: str | None
    favorited: bool
    archived: bool
    trashed: bool
    locked: bool
    from_partner: bool
    from_shared_album: bool
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlbumSaid:
    """The descriptor of an album; title None: Google calls it untitled."""

    raw: bytes
    title: str | None
    description: str | None
    access: str | None
    date: datetime | None
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherSaid:
    """A JSON that is about neither a photo nor an album, or cannot be read: `why`."""

    raw: bytes
    why: str


Said = PhotoSaid | AlbumSaid | OtherSaid


def read(raw: bytes) -> Said:
    """What this JSON is, by its content alone. Raises nothing, whatever the bytes."""
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        return OtherSaid(raw, f"not readable as JSON: {type(problem).__name__}")
    if not isinstance(content, dict):
        return OtherSaid(raw, "not a JSON object")
    if any(key in content for key in _ONLY_ORDERS):
        return OtherSaid(raw, "an order or subscription")
    if any(key in content for key in _ONLY_PHOTOS):
        return _photo(raw, _Fields(content))
    inner = content.get("albumData")
    if isinstance(inner, dict) or isinstance(content.get("title"), str):
        return _album(raw, _Fields(inner if isinstance(inner, dict) else content))
    return OtherSaid(raw, "neither a photo nor an album")


def _photo(raw: bytes, fields: _Fields) -> PhotoSaid:
    origin = fields.mapping("googlePhotosOrigin")
    return PhotoSaid(
        raw=raw,
        title=fields.text("title"),
        taken=fields.moment("photoTakenTime"),
        uploaded=fields.moment("creationTime"),
        place=fields.place("geoData"),
        place_exif=fields.place("geoDataExif"),
        description=fields.text("description"),
        people=fields.people(),
        url=fields.text("url"),
        favorited=fields.flag("favorited"),
        archived=fields.flag("archived"),
        trashed=fields.flag("trashed"),
        locked=fields.flag("inLockedFolder"),
        from_partner="fromPartnerSharing" in origin,
        from_shared_album="fromSharedAlbum" in origin,
        odd=tuple(sorted(fields.odd)),
    )


def _album(raw: bytes, fields: _Fields) -> AlbumSaid:
    return AlbumSaid(
        raw=raw,
        title=fields.text("title"),
        description=fields.text("description"),
        access=fields.text("access"),
        date=fields.moment("date"),
        odd=tuple(sorted(fields.odd)),
    )


class _Fields:
    """Typed reading of an object from strangers; what is odd is noted, not raised."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.odd: set[str] = set()

    def text(self, key: str) -> str | None:
        """None where there is nothing to read."""
        value = self.content.get(key)
        if value is not None and not isinstance(value, str):
            self.odd.add(key)
            return None
        return _writable(value) if value and value.strip() else None

    def flag(self, key: str) -> bool:
        value = self.content.get(key)
        if value is not None and not isinstance(value, bool):
            self.odd.add(key)
        return value is True or value == "true"

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.content.get(key)
        if value is not None and not isinstance(value, dict):
            self.odd.add(key)
        return value if isinstance(value, dict) else {}

    def moment(self, key: str) -> datetime | None:
        """Seconds since 1970, in a string or a number; before 1970 is real, 0 says nothing."""
        said = self.mapping(key).get("timestamp")
        if said is None or said in ("", "0", 0):
            return None
        seconds = _whole(said)
        if seconds is None or not _FIRST <= seconds <= _LAST:
            self.odd.add(key)
            return None
        return _EPOCH + timedelta(seconds=seconds)

    def place(self, key: str) -> Place | None:
        said = self.mapping(key)
        if not said:
            return None
        latitude, longitude = _number(said.get("latitude")), _number(said.get("longitude"))
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            self.odd.add(key)
            return None
        if latitude == 0 and longitude == 0:
            return None
        altitude = _number(said.get("altitude"))
        return Place(latitude, longitude, altitude or None)

    def people(self) -> tuple[str, ...]:
        said = self.content.get("people", [])
        people = said if isinstance(said, list) else [said]
        names = [person.get("name") if isinstance(person, dict) else None for person in people]
        good = [n.strip() for n in names if isinstance(n, str) and n.strip()]
        if len(good) != len(names):
            self.odd.add("people")
        return tuple(dict.fromkeys(map(_writable, good)))


def _whole(said: object) -> int | None:
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        return int(said)
    except (ValueError, OverflowError):
        return None


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        value = float(said)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _writable(text: str) -> str:
    """JSON can hold half a UTF-16 pair, which no file can."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text
