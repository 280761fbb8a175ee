"""What the container of a film says of its length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from albums.library.facts import Claim


def film_claims(tags: Mapping[str, Any]) -> Iterator[Claim]:
    """A claim of its duration in seconds, from tags as `media.exif.read` gives them."""
    duration = (tags.get("film") or {}).get("duration")
    if isinstance(duration, int | float) and duration > 0:
        yield Claim("duration", round(float(duration), 3), "container", 0.9, "the film's header")
