"""How a photo was taken, in the words that photographers use: "35 mm  f/1.8  1/250 s  ISO 100"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_SLOW = 0.3  # seconds from which an exposure is not written as a fraction
_ISO = ("PhotographicSensitivity", "ISOSpeedRatings", "ISOSpeed")


def exposure(exif: Mapping[str, Any]) -> list[str]:
    """Focal length, aperture, shutter, ISO and compensation, as far as the tags make sense."""
    said = (_focal(exif), _aperture(exif), _shutter(exif), _iso(exif), _bias(exif))
    return [part for part in said if part]


def gear(asset: Mapping[str, Any]) -> list[str]:
    """Camera and lens; a phone's lens repeats its camera's name, and is left out."""
    camera, lens = asset["camera"], asset["lens"]
    repeated = camera and lens and lens.casefold().startswith(camera.casefold())
    return [part for part in (camera, None if repeated else lens) if part]


def megapixels(asset: Mapping[str, Any]) -> str:
    """ "12.2 MP"; '' where there are not that many."""
    millions = (asset["width"] or 0) * (asset["height"] or 0) / 1e6
    return f"{millions:.3g} MP" if 0.95 <= millions < 1000 else ""


def _focal(exif: Mapping[str, Any]) -> str:
    length = _positive(exif.get("FocalLength"))
    as_film = _positive(exif.get("FocalLengthIn35mmFilm"))
    if not length:
        return ""
    if as_film and round(as_film) != round(length):
        return f"{length:.3g} mm ({as_film:.3g} mm)"
    return f"{length:.4g} mm"


def _aperture(exif: Mapping[str, Any]) -> str:
    number = _positive(exif.get("FNumber"))
    return f"f/{number:.2g}" if number and number < 10 else f"f/{number:.3g}" if number else ""


def _shutter(exif: Mapping[str, Any]) -> str:
    seconds = _positive(exif.get("ExposureTime"))
    if not seconds or seconds < 1e-6:
        return ""
    return f"{seconds:.3g} s" if seconds >= _SLOW else f"1/{round(1 / seconds)} s"


def _iso(exif: Mapping[str, Any]) -> str:
    found = next((number for tag in _ISO if (number := _positive(exif.get(tag)))), None)
    return f"ISO {found:.0f}" if found else ""


def _bias(exif: Mapping[str, Any]) -> str:
    value = _number(exif.get("ExposureBiasValue"))
    if value is None or not 0.05 <= abs(value) <= 20:
        return ""
    return f"{value:+.2g} EV".replace("-", "\N{MINUS SIGN}")


def _positive(value: object) -> float | None:
    number = _number(value)
    return number if number and 0 < number < 1e7 else None


def _number(value: object) -> float | None:
    """Files are from strangers: what is no number is none."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
