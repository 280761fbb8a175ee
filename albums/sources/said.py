"""What a client says of a file that it sends: when it was taken, when it was changed, where it
belongs. Raises BadInput where that cannot be understood."""

from __future__ import annotations

import json
import math
import unicodedata
from datetime import datetime

from albums.errors import BadInput
from albums.library.facts import Claim
from albums.library.when import iso_moment

_SURE = 0.8  # a phone's media store mostly repeats EXIF, but knows the offset less well
_LAST_SECOND = 7_258_118_400  # the year 2200
_MILLISECONDS = 100_000_000_000  # a number beyond was not meant as seconds
_LONGEST_NAME = 200
_LONGEST_PATH = 2000
_MOST_COLLECTIONS = 100


def taken_claims(said: str) -> tuple[Claim, ...]:
    """`captured_at`, ISO 8601; nothing where nothing is said."""
    if not said.strip():
        return ()
    return (Claim("captured_at", iso_moment(said), "sidecar", _SURE, "said on upload"),)


def modified_ns(said: str) -> int | None:
    """Nanoseconds since 1970 from seconds, milliseconds or ISO 8601."""
    said = said.strip()
    if not said:
        return None
    seconds = _seconds(said)
    if not 0 <= seconds <= _LAST_SECOND:
        raise BadInput(
            f"A file cannot have been modified at {said[:100]!r}",
            hint="Say it in seconds or milliseconds since 1970, or as ISO 8601",
        )
    return round(seconds * 1000) * 1_000_000


def _seconds(said: str) -> float:
    try:
        number = float(said)
    except ValueError:
        return datetime.fromisoformat(iso_moment(said, "modified")).timestamp()
    if not math.isfinite(number):
        return -1
    return number / 1000 if number >= _MILLISECONDS else number


def collection_names(said: str) -> tuple[str, ...]:
    """One name, or several as a JSON list."""
    names = _listed(said) if said.lstrip().startswith("[") else [said]
    cleaned = [_text(" ".join(name.split())) for name in names if name.strip()]
    if len(cleaned) > _MOST_COLLECTIONS or any(len(name) > _LONGEST_NAME for name in cleaned):
        raise BadInput(
            f"A file may name up to {_MOST_COLLECTIONS} collections of up to "
            f"{_LONGEST_NAME} characters each"
        )
    return tuple(dict.fromkeys(cleaned))


def folder_of(path: str) -> str:
    """The folder of a file's path as a browser says it, "Lisbon/day 1/a.jpg" -> "Lisbon/day 1"."""
    parts = [_text(part) for part in path[:_LONGEST_PATH].split("/")[:-1]]
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _text(said: str) -> str:
    """What no file and no database could hold becomes a mark."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cs", "Cc") else c for c in said)


def _listed(said: str) -> list[str]:
    try:
        names = json.loads(said)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadInput("collections is not a JSON list of names", hint='Such as ["Lisbon", "Cats"]')
    return names
