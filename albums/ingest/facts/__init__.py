"""What is to be believed of what a file says: pure functions from tags to claims.

Reading the tags is `media/exif.py`; the step that runs all this is `ingest/steps/facts.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from albums.ingest.facts.captured import captured_claims
from albums.ingest.facts.document import document_claims
from albums.ingest.facts.film import film_claims
from albums.ingest.facts.gear import gear_claims
from albums.ingest.facts.location import location_claims
from albums.ingest.facts.words_in_file import word_claims
from albums.library.facts import Claim, rank


def claims_from(
    tags: dict[str, Any],
    names: Sequence[str],
    modified_ns: int | None,
    said: Sequence[Claim] = (),
    *,
    home: tzinfo,
    now: datetime,
) -> list[Claim]:
    """All claims of a file's tags (as `media.exif.read` gives them), names and time on disk.

    `said`: claims of `location` and `instant` by a person, or by what came with the file.
    """
    places = list(location_claims(tags))
    located = [claim for claim in said if claim.field == "location"]
    believed = max([*places, *located], key=rank, default=None)
    captured = captured_claims(
        tags,
        names,
        modified_ns,
        [claim for claim in said if claim.field == "instant"],
        place=tuple(believed.value) if believed and believed.value else None,
        home=home,
        now=now,
    )
    return [
        *captured,
        *places,
        *gear_claims(tags),
        *word_claims(tags),
        *_size_claims(tags),
        *film_claims(tags),
        *document_claims(tags, home, now),
    ]


def _size_claims(tags: dict[str, Any]) -> list[Claim]:
    size = tags.get("upright_size")
    if not size:
        return []
    return [
        Claim(field, pixels, "container", 0.9, "the picture itself")
        for field, pixels in zip(("width", "height"), size, strict=True)
    ]
