"""Where a file says it was taken."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from albums.ingest.facts import iso6709
from albums.library.facts import Claim

Point = tuple[float, float]  # latitude, longitude in degrees, north and east positive
_FILM_PLACES = ("com.apple.quicktime.location.ISO6709", "location", "©xyz")
_XMP_DEGREES = re.compile(r"(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")


def location_claims(tags: Mapping[str, Any]) -> Iterator[Claim]:
    """At most one claim each of EXIF, XMP and a film's container. `tags` as `media.exif.read` gives
    them."""
    exif, xmp = tags.get("exif", {}), tags.get("xmp", {})
    point = plausible(exif.get("GPSLatitude"), exif.get("GPSLongitude"))
    if point:
        void = exif.get("GPSStatus") == "V"
        detail = "GPS without a fix" if void else "GPS"
        yield Claim("location", list(point), "exif", 0.5 if void else 0.9, detail)
    point = plausible(_degrees(xmp.get("exif:GPSLatitude")), _degrees(xmp.get("exif:GPSLongitude")))
    if point:
        yield Claim("location", list(point), "xmp", 0.8, "exif:GPSLatitude")
    yield from _of_film(tags.get("container") or {})


def _of_film(container: Mapping[str, Any]) -> Iterator[Claim]:
    """`location-eng` and the like are the same text in a language."""
    names = [*_FILM_PLACES, *(name for name in container if name.startswith("location-"))]
    for name in names:
        found = iso6709.place(container.get(name))
        if found and (point := plausible(*found[:2])):
            yield Claim("location", list(point), "container", 0.85, f"{name}, ISO 6709")
            return


def plausible(latitude: object, longitude: object) -> Point | None:
    """A point on earth, or None. A receiver without a fix writes 0, 0: that is no place."""
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    if abs(latitude) < 1e-6 and abs(longitude) < 1e-6:
        return None
    if abs(latitude) == 90:  # the poles are what broken writers mean by "nothing"
        return None
    return round(float(latitude), 7), round(float(longitude), 7)


def _degrees(text: object) -> float | None:
    """XMP's "39,3.0808N" or "39,3,4.8N" -> signed degrees."""
    if isinstance(text, int | float):
        return float(text)
    match = _XMP_DEGREES.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        return None
    degrees = float(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    return -degrees if match[4] in "SW" else degrees
