"""What is claimed of a file by what Flickr says of its photo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from albums.library.facts import Claim
from albums.sources.flickr.said import PhotoSaid
from albums.sources.typed import same_moment

SOURCE = "flickr"
_TOWN = 11  # of 16: below, a place may be anywhere in a region or country
_CORRECTED = timedelta(days=1)  # more than zones explain
_FILE_NAME = re.compile(
    r"(?:img|dsc[nf]?|pict?|p|mvi|mov|vid|pxl|sam|gopr|image)?[ _-]?[0-9]+(?:[_-][0-9]+)*"
    r"(?:\.[a-z0-9]{3,4})?",
    re.IGNORECASE | re.ASCII,
)


def claims(said: PhotoSaid, captured: datetime | None) -> Iterator[Claim]:
    """`captured`: what the file says of its moment."""
    if said.taken:
        yield _moment(said.taken, said.uploaded, captured)
    if said.place:
        coarse = said.place.accuracy is not None and said.place.accuracy < _TOWN
        exactly = f", accuracy {said.place.accuracy} of 16" if said.place.accuracy else ""
        point = [said.place.latitude, said.place.longitude]
        yield Claim("location", point, SOURCE, 0.5 if coarse else 0.85, f"geo{exactly}")
    if said.title and not _FILE_NAME.fullmatch(said.title):
        yield Claim("title", said.title, SOURCE, 0.85, "name")
    if said.description:
        yield Claim("description", said.description, SOURCE, 0.85, "description")
    if said.tags:
        yield Claim("keywords", list(said.tags), SOURCE, 0.85, "tags")
    if said.people:
        yield Claim("people", list(said.people), SOURCE, 0.85, "people")


def _moment(taken: datetime, uploaded: datetime | None, captured: datetime | None) -> Claim:
    """Flickr takes it from the file; else from the upload, until the person says better."""
    confidence, detail = 0.6, "date_taken; zone unknown"
    if conflict(taken, captured):
        confidence, detail = 0.85, "date_taken; not what the file says; zone unknown"
    elif captured is None and uploaded and _of_upload(taken, uploaded):
        confidence, detail = 0.3, "date_taken; looks like the time of the upload"
    return Claim("captured_at", taken.isoformat(timespec="seconds"), SOURCE, confidence, detail)


def conflict(taken: datetime, captured: datetime | None) -> bool:
    """Does the file say another day?"""
    if captured is None:
        return False
    return abs(taken - captured.replace(tzinfo=None)) > _CORRECTED


def _of_upload(taken: datetime, uploaded: datetime) -> bool:
    """To the second, but for a zone: the two are not written in the same one."""
    return same_moment(taken.replace(tzinfo=UTC), uploaded, seconds=2)
