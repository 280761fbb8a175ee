"""PhotoPrism's YAML: what it says of a photo, which albums there are, and whose a file is.

Source: github.com/photoprism/photoprism, internal/entity/{photo,details,album,photo_yaml}.go at
382ffa8 (2024-12) and photo.go at 00978db: fields, their sources (src.go), and the name of the
file, the photo's without extension in a tree of its own (storage/sidecar) or beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from albums.ingest.facts.date_tags import parse_date
from albums.ingest.facts.location import plausible
from albums.library.facts import Claim
from albums.sources.beside.moments import captured_claim
from albums.sources.beside.yaml_tree import Tree
from albums.sources.typed import flag, listed, mapping, number, text

_BY_HAND = ("manual", "batch", "admin")
_FROM_FILE = ("meta", "xmp")
_WORDS = _BY_HAND + _FROM_FILE  # else PhotoPrism or a model made them up
_ZONE = re.compile(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}", re.ASCII)
_PHOTO_UID = re.compile(r"p[a-z0-9]{8,40}", re.ASCII)
_ALBUM_UID = re.compile(r"a[a-z0-9]{8,40}", re.ASCII)
_USED = (
    "TakenAt", "TakenAtLocal", "TakenSrc", "TimeZone", "Title", "TitleSrc", "Caption",
    "CaptionSrc", "Description", "DescriptionSrc", "Lat", "Lng", "PlaceSrc", "Favorite", "Private",
    "DeletedAt", "Details",
)  # fmt: skip
_UNZONED = ("", "Local", "UTC")  # UTC: also where PhotoPrism knows no zone


@dataclass(frozen=True, slots=True)
class PhotoYaml:
    uid: str
    fields: dict[str, Tree] = field(repr=False)

    @property
    def archived(self) -> bool:
        return _date(self.fields.get("DeletedAt")) is not None

    @property
    def taken(self) -> datetime | None:
        """Local, with its zone where PhotoPrism knows it; None where it only guesses."""
        source = self.fields.get("TakenSrc")
        if source not in (*_WORDS, "name"):
            return None
        zone, instant = text(self.fields.get("TimeZone")) or "", _date(self.fields.get("TakenAt"))
        wall = _date(self.fields.get("TakenAtLocal"))
        if zone in _UNZONED:
            return wall or instant
        if wall and instant:
            offset = wall - instant
            known = abs(offset) <= timedelta(hours=14) and not offset % timedelta(minutes=15)
            return wall.replace(tzinfo=timezone(offset)) if known else wall
        placed = _zone(zone)
        if instant is None or placed is None:
            return wall
        there = instant.replace(tzinfo=UTC).astimezone(placed)
        return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()))

    def claims(self, source: str, captured: datetime | None = None) -> list[Claim]:
        """One a field. `captured`: what the file itself says of its moment."""
        said = [
            *self._captured(source, captured),
            *self._place(source),
            *self._words(source),
            *self._flags(source),
        ]
        return sorted(said, key=lambda claim: claim.field)

    def _captured(self, source: str, captured: datetime | None) -> Iterator[Claim]:
        when, by = self.taken, str(self.fields.get("TakenSrc"))
        if when is None:
            return
        claim = captured_claim(when, captured, source, f"TakenAt by {by}")
        most = 1.0 if by in _BY_HAND else 0.8 if by in _FROM_FILE else 0.5
        confidence = min(claim.confidence, most)
        yield Claim("captured_at", claim.value, source, confidence, claim.detail)

    def _place(self, source: str) -> Iterator[Claim]:
        point = plausible(number(self.fields.get("Lat")), number(self.fields.get("Lng")))
        by = self.fields.get("PlaceSrc")
        if point and by in _WORDS:
            confidence = 0.95 if by in _BY_HAND else 0.85
            yield Claim("location", list(point), source, confidence, f"Lat and Lng by {by}")

    def _words(self, source: str) -> Iterator[Claim]:
        for name, keys in (("title", ("Title",)), ("description", ("Caption", "Description"))):
            for key in keys:
                said, by = text(self.fields.get(key)), self.fields.get(f"{key}Src")
                if said and by in _WORDS:
                    yield Claim(name, said, source, 0.9, f"{key} by {by}")
                    break
        details = mapping(self.fields.get("Details"))
        for name, key, sources in (
            ("keywords", "Keywords", _WORDS),
            ("people", "Subject", ("marker",)),
        ):
            parts = (part.strip() for part in (text(details.get(key)) or "").split(","))
            values = list(dict.fromkeys(part for part in parts if part))
            if values and details.get(f"{key}Src") in sources:
                yield Claim(name, values, source, 0.9, f"Details.{key}")

    def _flags(self, source: str) -> Iterator[Claim]:
        if flag(self.fields.get("Favorite")):
            yield Claim("favourite", True, source, 0.9, "Favorite")
        if flag(self.fields.get("Private")) or self.archived:
            yield Claim("hidden", True, source, 0.9, "archived" if self.archived else "Private")


@dataclass(frozen=True, slots=True)
class AlbumYaml:
    """kind: album; others (folder, month, state, moment) PhotoPrism makes by itself."""

    uid: str
    kind: str
    title: str | None
    description: str | None
    photos: tuple[str, ...]  # their UIDs, in order


def read_photo(tree: Tree) -> PhotoYaml | None:
    """None where it is not about a photo."""
    fields = mapping(tree)
    uid = text(fields.get("UID")) or ""
    if not _PHOTO_UID.fullmatch(uid) or not {"TakenAt", "Type", "Title"} & fields.keys():
        return None
    return PhotoYaml(uid, {name: fields[name] for name in _USED if name in fields})


def read_album(tree: Tree) -> AlbumYaml | None:
    """None where it is not an album."""
    fields = mapping(tree)
    uid = text(fields.get("UID")) or ""
    if not _ALBUM_UID.fullmatch(uid) or "Slug" not in fields:
        return None
    entries = [mapping(entry) for entry in listed(fields.get("Photos"))]
    uids = (text(entry.get("UID")) for entry in entries if not flag(entry.get("Hidden")))
    return AlbumYaml(
        uid,
        text(fields.get("Type")) or "album",
        text(fields.get("Title")),
        text(fields.get("Description")) or text(fields.get("Caption")),
        tuple(dict.fromkeys(uid for uid in uids if uid)),
    )


def _date(value: object) -> datetime | None:
    """As Go writes it: always as if in UTC, whatever it means; the year 1 is none."""
    read = parse_date(value)
    return read.when.replace(tzinfo=None) if read and not read.partly else None


def _zone(name: str) -> tzinfo | None:
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
