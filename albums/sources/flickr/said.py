"""What Flickr's JSON says of a photo or an album, read without ever failing.

Source: exports that people published: github.com/dzhus/flickr-takeaway-processor (README) and
boris.files.fm's photo_2634391576.json, whose latitude "49696401" is a lake at 49.696401 degrees.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime

from albums.ingest.facts.location import plausible
from albums.sources.typed import json_object, listed, mapping, number, text

_MICRODEGREES = 1_000_000
_ID = re.compile(r"[0-9]{1,30}", re.ASCII)
_TAG = re.compile(r"</?(?:a|b|i|em|strong|u|s|blockquote|p|br|ins|del)\b[^<>]{0,2000}>", re.I)
_NSID = re.compile(r"[0-9]+@N[0-9]+", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1826, 2999


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS 84. accuracy: from 1, the world, to 16, a street."""

    latitude: float
    longitude: float
    accuracy: int | None = None


@dataclass(frozen=True, slots=True)
class PhotoSaid:
    id: str
    title: str | None = None
    description: str | None = None
    taken: datetime | None = None  # local, without zone
    uploaded: datetime | None = None  # without zone
    place: Place | None = None
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    albums: tuple[tuple[str, str], ...] = ()  # id and title
    page: str | None = None
    original: str | None = None  # file name of the original at Flickr
    private: bool = False


@dataclass(frozen=True, slots=True)
class AlbumSaid:
    id: str
    title: str | None
    description: str | None
    photos: tuple[str, ...]  # their ids, in order
    announced: int | None  # how many it is said to hold


def read_photo(raw: bytes) -> PhotoSaid | None:
    """None where it is not about a photo."""
    said = json_object(raw)
    if said is None or ("photopage" not in said and "date_taken" not in said):
        return None
    number_of = _id(said.get("id"))
    if number_of is None:
        return None
    return PhotoSaid(
        number_of,
        title=text(_plain(said.get("name"))),
        description=text(_plain(said.get("description"))),
        taken=_moment(said.get("date_taken")),
        uploaded=_moment(said.get("date_imported")),
        place=_place(said.get("geo")),
        tags=_names(said.get("tags"), ("tag", "raw", "name")),
        people=_names(said.get("people"), ("name", "real_name", "screen_name", "username")),
        albums=tuple(_albums(said.get("albums"))),
        page=_link(said.get("photopage")),
        original=_file(said.get("original")),
        private=said.get("privacy") == "private",
    )


def read_albums(raw: bytes) -> list[AlbumSaid] | None:
    """None where it is not the list of albums."""
    said = json_object(raw)
    if said is None or not isinstance(said.get("albums"), list) or "photopage" in said:
        return None
    albums = (mapping(album) for album in said["albums"])
    return [read for read in map(_album, albums) if read]


def _album(said: dict[str, object]) -> AlbumSaid | None:
    number_of = _id(said.get("id"))
    if number_of is None:
        return None
    photos = (_id(photo) for photo in listed(said.get("photos")))
    announced = number(said.get("photo_count"))
    return AlbumSaid(
        number_of,
        text(_plain(said.get("title"))),
        text(_plain(said.get("description"))),
        tuple(dict.fromkeys(p for p in photos if p and p != "0")),
        int(announced) if announced is not None and 0 <= announced < 1e9 else None,
    )


def _albums(value: object) -> list[tuple[str, str]]:
    found = []
    for album in listed(value):
        number_of = _id(mapping(album).get("id", album))
        if number_of:
            found.append((number_of, text(_plain(mapping(album).get("title"))) or ""))
    return found


def _id(value: object) -> str | None:
    said = text(value)
    return said if said and _ID.fullmatch(said) else None


def _plain(value: object) -> object:
    """Flickr keeps its texts as HTML."""
    return html.unescape(_TAG.sub("", value)) if isinstance(value, str) else value


def _moment(value: object) -> datetime | None:
    """ "2015-12-12 13:11:14"; "0000-00-00 00:00:00" says nothing."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=None) if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _place(value: object) -> Place | None:
    """A list of one, or the object itself."""
    for said in map(mapping, listed(value)):
        latitude, longitude = _degrees(said.get("latitude")), _degrees(said.get("longitude"))
        point = plausible(latitude, longitude)
        if point:
            accuracy = number(said.get("accuracy"))
            sure = int(accuracy) if accuracy is not None and 1 <= accuracy <= 16 else None
            return Place(*point, sure)
    return None


def _degrees(value: object) -> float | None:
    """Millionths of a degree, unless there is a point."""
    said = number(value)
    if said is None or isinstance(value, float) or "." in str(value):
        return said
    return said / _MICRODEGREES


def _names(value: object, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in order; what is only an address or a number of an account is no name."""
    found: dict[str, None] = {}
    for item in listed(value):
        inner = mapping(item)
        said = [text(_plain(inner.get(key))) for key in keys] if inner else [text(_plain(item))]
        name = next((n for n in said if n and not n.startswith("http")), None)
        if name and not _NSID.fullmatch(name):
            found[name] = None
    return tuple(found)


def _link(value: object) -> str | None:
    said = text(value)
    return said if said and said.startswith(("https://", "http://")) else None


def _file(value: object) -> str | None:
    link = _link(value)
    return link.partition("?")[0].rpartition("/")[2] or None if link else None
