"""Places as ISO 6709 writes them, as films hold them."""

from __future__ import annotations

import re

_PLACE = re.compile(
    r"(?P<latitude>[+-]\d{1,6}(?:\.\d+)?)(?P<longitude>[+-]\d{1,7}(?:\.\d+)?)"
    r"(?P<altitude>[+-]\d+(?:\.\d+)?)?(?:CRS[\w:]*)?/?",
    re.ASCII,
)


def place(text: object) -> tuple[float, float, float | None] | None:
    """ "+38.7223-009.1393+012.345/" -> degrees north, degrees east, metres above the sea or None.

    Degrees alone, with minutes, or with minutes and seconds, by the number of digits. Some phones
    leave out the zeros before degrees.
    """
    match = _PLACE.fullmatch(text.strip("\x00 ")) if isinstance(text, str) else None
    if not match:
        return None
    latitude = _degrees(match["latitude"], 2)
    longitude = _degrees(match["longitude"], 3)
    if latitude is None or longitude is None:
        return None
    return latitude, longitude, float(match["altitude"]) if match["altitude"] else None


def _degrees(text: str, whole: int) -> float | None:
    """`whole`: how many digits the degrees have; two each of minutes and seconds may follow."""
    sign, digits = text[0], text[1:]
    before, _, after = digits.partition(".")
    before = before.rjust(whole, "0")
    if len(before) - whole not in (0, 2, 4):
        return None
    parts = [before[:whole], *(before[at : at + 2] for at in range(whole, len(before), 2))]
    numbers = [float(part) for part in parts]
    numbers[-1] += float(f"0.{after}") if after else 0
    if any(number >= 60 for number in numbers[1:]):
        return None
    degrees = sum(number / 60.0**place for place, number in enumerate(numbers))
    return -degrees if sign == "-" else degrees
