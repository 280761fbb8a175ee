"""What an XMP sidecar says of its photo: of Immich, digiKam, darktable, Lightroom, Apple, Albums.

Sources: docs.immich.app/features/xmp-sidecars (the fields that Immich writes and reads); MWG
guidelines 2.0 (regions); osxphotos' wiki "Photos Behavior" (what Apple's Photos writes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from albums.ingest.facts.date_tags import parse_date
from albums.ingest.facts.location import location_claims
from albums.ingest.facts.words_in_file import keywords, word_claims
from albums.library.facts import Claim
from albums.media import xmp
from albums.sources.beside.moments import captured_claim
from albums.sources.typed import flag, listed, mapping, text

LARGEST = xmp.LARGEST
_DATES = (
    "exif:DateTimeOriginal",
    "photoshop:DateCreated",
    "exif:DateTimeDigitized",
    "xmp:CreateDate",
)
_USED = frozenset((
    *_DATES, "dc:title", "photoshop:Headline", "dc:description", "tiff:ImageDescription",
    "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList", "xmp:Rating",
    "MicrosoftPhoto:Rating", "exif:GPSLatitude", "exif:GPSLongitude",
    "Iptc4xmpExt:PersonInImage", "mwg-rs:Regions", "MP:RegionInfo",
))  # fmt: skip
_CHOSEN = 0.9  # words in a sidecar are somebody's, and newer than those in the file
_CORRECTED = 0.92  # a place: more than the camera's, which it repeats or corrects
_OF_THE_FILE = ("file", "arrival")  # how Albums says that it knows no better date


@dataclass(frozen=True, slots=True)
class XmpSaid:
    """Properties as `media.xmp.read` gives them, those that say something of the photo."""

    properties: dict[str, Any]

    @property
    def ours(self) -> bool:
        """Written by Albums' own export."""
        return isinstance(self.properties.get("albums:sha256"), str)

    @property
    def collections(self) -> tuple[str, ...]:
        if not self.ours:
            return ()
        return _texts(self.properties.get("albums:collections"))

    @property
    def taken(self) -> datetime | None:
        moment = self._moment()
        return moment[0] if moment else None

    def claims(self, source: str, captured: datetime | None = None) -> list[Claim]:
        """One a field. `captured`: what the file itself says of its moment."""
        said = [
            *self._captured(source, captured),
            *self._place(source),
            *self._words(source),
            *self._rating(source),
            *self._flags(source),
        ]
        return sorted(said, key=lambda claim: claim.field)

    def _moment(self) -> tuple[datetime, str] | None:
        for name in _DATES:
            read = parse_date(self.properties.get(name))
            of_file = name == "xmp:CreateDate" and self._says("albums:dateFrom", _OF_THE_FILE)
            if read and not read.partly and not of_file:
                return read.when, name
        return None

    def _captured(self, source: str, captured: datetime | None) -> Iterator[Claim]:
        moment = self._moment()
        if moment:
            yield captured_claim(moment[0], captured, source, moment[1])

    def _place(self, source: str) -> Iterator[Claim]:
        for claim in location_claims({"xmp": self.properties}):
            yield Claim("location", claim.value, source, _CORRECTED, claim.detail)

    def _words(self, source: str) -> Iterator[Claim]:
        found = {claim.field: claim for claim in word_claims({"xmp": self._described()})}
        for field in ("title", "description"):
            if field in found and not self._says(f"albums:{field}By", ("machine",)):
                yield Claim(field, found[field].value, source, _CHOSEN, found[field].detail)
        machine = {tag.lower() for tag in _texts(self.properties.get("albums:machineTags"))}
        tags = [t for t in keywords({"xmp": self.properties}) if t.lower() not in machine]
        if tags:
            yield Claim("keywords", tags, source, _CHOSEN, "dc:subject")
        people = list(dict.fromkeys(self._people()))
        if people:
            yield Claim("people", people, source, _CHOSEN, "PersonInImage and regions")

    def _described(self) -> dict[str, Any]:
        """Immich writes the description twice; others write only the second."""
        other = self.properties.get("tiff:ImageDescription")
        return {"dc:description": other, **self.properties} if other else self.properties

    def _people(self) -> Iterator[str]:
        yield from _texts(self.properties.get("Iptc4xmpExt:PersonInImage"))
        regions = mapping(self.properties.get("mwg-rs:Regions"))
        for area in map(mapping, listed(regions.get("mwg-rs:RegionList"))):
            if area.get("mwg-rs:Type", "Face") == "Face":
                yield from _texts(area.get("mwg-rs:Name"))
        shown = mapping(self.properties.get("MP:RegionInfo"))  # Microsoft's, also of digiKam
        for area in map(mapping, listed(shown.get("MPRI:Regions"))):
            yield from _texts(area.get("MPReg:PersonDisplayName"))

    def _rating(self, source: str) -> Iterator[Claim]:
        """Albums writes five stars also for a favourite that has none."""
        properties = self.properties
        if self.ours and "albums:rating" in properties:
            properties = {"xmp:Rating": properties["albums:rating"]}
        elif self.ours and flag(properties.get("albums:favourite")):
            return
        for claim in word_claims({"xmp": properties}):
            if claim.field == "rating":
                yield Claim("rating", claim.value, source, _CHOSEN, "xmp:Rating")

    def _flags(self, source: str) -> Iterator[Claim]:
        for field in ("favourite", "hidden"):
            if self.ours and flag(self.properties.get(f"albums:{field}")):
                yield Claim(field, True, source, _CHOSEN, f"albums:{field}")

    def _says(self, name: str, values: tuple[str, ...]) -> bool:
        return self.properties.get(name) in values


def read_xmp(raw: bytes) -> XmpSaid | None:
    """None where it is not XMP. Raises nothing, whatever the bytes.

    Only what is used is kept: developing programs write their whole history of a photo there.
    """
    try:
        found = xmp.read(raw)
    except ValueError:
        return None
    used = {n: value for n, value in found.items() if n in _USED or n.startswith("albums:")}
    return XmpSaid(used)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(said for said in map(text, listed(value)) if said)
