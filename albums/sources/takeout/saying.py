"""What Google says of a photo, as claims with their provenance.

The file's own word is better where there is one (albums/library/facts.py weighs them): Google
keeps no zone of a time. What the person changed at Google nobody else knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from albums.library.facts import Claim
from albums.sources.takeout.claims import PhotoSaid, Place

SOURCE = "takeout"
_INSTANT, _PLACE, _CORRECTED, _WORDS, _SURE = 0.6, 0.85, 0.95, 0.85, 0.9
_SAME_PLACE = 1e-4  # degrees, some ten metres


def claims_of(said: PhotoSaid, *, inherited: bool) -> tuple[Claim, ...]:
    """All that the JSON claims. inherited: it speaks of the original of this copy or clip."""
    return tuple(_claims(said, " of its original" if inherited else ""))


def _claims(said: PhotoSaid, whose: str) -> Iterator[Claim]:
    if said.taken:
        instant = said.taken.astimezone(UTC).isoformat()
        yield Claim("instant", instant, SOURCE, _INSTANT, f"photoTakenTime{whose}")
    if place := said.place or said.place_exif:
        corrected = _corrected(said)
        detail = "geoData, corrected at Google" if corrected else "geoData"
        confidence = _CORRECTED if corrected else _PLACE
        where = [place.latitude, place.longitude]
        yield Claim("location", where, SOURCE, confidence, detail + whose)
    if said.description:
        yield Claim("description", said.description, SOURCE, _WORDS, f"description{whose}")
    if said.people:
        yield Claim("people", list(said.people), SOURCE, _SURE, f"people{whose}")
    if said.favorited:
        yield Claim("favourite", True, SOURCE, _SURE, f"favorited{whose}")
    if said.archived or said.locked:
        detail = "archived" if said.archived else "in the locked folder"
        yield Claim("hidden", True, SOURCE, _SURE, detail + whose)


def _corrected(said: PhotoSaid) -> bool:
    """The camera said another place than Google shows."""
    return bool(said.place and said.place_exif) and not _near(said.place, said.place_exif)


def _near(one: Place | None, other: Place | None) -> bool:
    if one is None or other is None:
        return False
    apart = max(abs(one.latitude - other.latitude), abs(one.longitude - other.longitude))
    return apart <= _SAME_PLACE


def note(notes: Counter[str], said: PhotoSaid) -> None:
    """Count what the receipt is to say."""
    for name, is_so in (
        ("favourite", said.favorited),
        ("archived", said.archived),
        ("trashed", said.trashed),
        ("locked folder", said.locked),
        ("from a partner", said.from_partner),
        ("from a shared album", said.from_shared_album),
        ("places corrected at Google", _corrected(said)),
        ("people named", bool(said.people)),
        ("JSON with odd fields", bool(said.odd)),
    ):
        notes[name] += is_so
