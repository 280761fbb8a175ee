"""Photos of which everything is known at once: no step looks at them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from albums.ingest.steps.words import texts_of, write_texts
from albums.library.facts import Claim, add_claims
from albums.library.tags import add_tags
from tests.web.pages.site import Site

Place = tuple[str, str, str, str, float, float]  # city, region, country, code, degrees
_THUMBHASH = base64.b64decode("1QcSHQRnh493V4dIh4eXh1h4kJUI")


def known(
    site: Site,
    day: str,
    *,
    camera: str | None = None,
    lens: str | None = None,
    place: Place | None = None,
    people: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> str:
    """Brings a photo that was taken at nine in the morning of that day; its SHA-256."""
    sha = site.photo(size=(60, 40))
    at = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    latitude, longitude = place[4:] if place else (None, None)
    with site.albums.library.write() as db:
        asset_id = int(db.execute("select id from assets where sha = ?", (sha,)).fetchone()[0])
        db.execute(
            """update assets set captured_at = ?, captured_utc = ?, day = ?, camera = ?, lens = ?,
               latitude = ?, longitude = ? where id = ?""",
            (at.isoformat(), int(at.timestamp()), day, camera, lens, latitude, longitude, asset_id),
        )
        if place:
            db.execute(
                """insert into places (asset_id, city, region, country, country_code)
                   values (?, ?, ?, ?, ?)""",
                (asset_id, *place[:4]),
            )
        db.execute(
            """insert into pictures (asset_id, thumbhash, aspect, bytes, truncated)
               values (?, ?, 1.5, 1, 0)""",
            (asset_id, _THUMBHASH),
        )
        if people:
            add_claims(db, asset_id, [Claim("people", list(people), "takeout")])
        add_tags(db, asset_id, tags)
        write_texts(db, asset_id, texts_of(db, [asset_id])[asset_id])
    return sha
