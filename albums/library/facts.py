"""Which claim wins. All claims are kept, each with its source, confidence and detail.

A person always wins, then a rule of theirs (library/ruling.py). Otherwise the most confident claim
does; between equals the order of SOURCES decides: what another service exported, what the file
says of itself, that with the zone of what was taken at the same time (`neighbours`), its name, the
moment that a service told without a zone (`instant`), its times on disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from albums.library.stacks import bring_up

RULE = "rule"  # the source of what the person's rules make of other claims
SOURCES = (
    "person", RULE,
    "sidecar", "takeout", "apple", "flickr", "sidecars",
    "exif", "xmp", "iptc", "container", "neighbours", "name", "instant", "file", "arrival",
)  # fmt: skip


_THESE = "in (select value from json_each(?))"
PARTLY = ", only in part"  # how the detail of a time ends of which only the day or less is known


@dataclass(frozen=True)
class Claim:
    """`value` is JSON-able. Fields and their values:

    captured_at: ISO 8601 local time, with offset where known; location: [latitude, longitude];
    width, height: pixels, upright; duration: seconds; make, camera, lens, title, description:
    text; rating: 0..5; favourite, hidden: true or false; people: names; keywords: words that
    the step `facts` makes tags of.

    instant: ISO 8601 in UTC, when it was taken as somebody says who does not know the zone; the
    step `facts` draws a captured_at from it. variant_of, clip_of: SHA-256 of the original that it
    is an edited copy of, of the still that it is the moving part of. corrections: what became of
    its time when the person corrected many at once (library/corrections.py). look: the reasons by
    the name of the look (library/looks.py), which also hides what the timeline leaves out.
    """

    field: str
    value: Any
    source: str
    confidence: float = 0.5
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "value": self.value,
            "source": self.source,
            "confidence": self.confidence,
            "detail": self.detail,
        }


def claim_from_json(content: dict[str, Any]) -> Claim:
    """The reverse of `Claim.as_json`."""
    return Claim(
        content["field"],
        content["value"],
        content["source"],
        content["confidence"],
        content.get("detail", ""),
    )


def rank(claim: Claim) -> tuple[int, float, int]:
    """Larger is better believed."""
    known = claim.source in SOURCES
    position = SOURCES.index(claim.source) if known else len(SOURCES)
    said = {"person": 2, RULE: 1}.get(claim.source, 0)
    return (said, claim.confidence, -position)


def add_claims(db: sqlite3.Connection, asset_id: int, claims: Iterable[Claim]) -> None:
    """Keep claims; one a field and source, the last said."""
    db.executemany(
        """insert into claims (asset_id, field, source, value, confidence, detail)
           values (?, ?, ?, ?, ?, ?)
           on conflict do update set value = excluded.value, confidence = excluded.confidence,
                                     detail = excluded.detail""",
        [
            (asset_id, c.field, c.source, json.dumps(c.value), c.confidence, c.detail)
            for c in claims
        ],
    )


def replace_claims(
    db: sqlite3.Connection, asset_id: int, sources: Iterable[str], claims: Iterable[Claim]
) -> None:
    """Forget what `sources` said before, and keep what they say now."""
    db.execute(
        "delete from claims where asset_id = ? and source in (select value from json_each(?))",
        (asset_id, json.dumps(list(sources))),
    )
    add_claims(db, asset_id, claims)


def claims_of(db: sqlite3.Connection, asset_id: int) -> list[Claim]:
    """All claims of an asset, best believed first within each field."""
    rows = db.execute("select * from claims where asset_id = ?", (asset_id,))
    best_first = sorted(map(_claim, rows), key=rank, reverse=True)
    return sorted(best_first, key=lambda claim: claim.field)


def people_in(claims: Iterable[Claim]) -> list[str]:
    """Who is on it, as anybody says, each once and in alphabetical order."""
    return sorted({name for claim in claims if claim.field == "people" for name in claim.value})


def settle(db: sqlite3.Connection, asset_id: int, home: tzinfo) -> None:
    """Write the winning claims of an asset into its row; what nobody claims becomes null.

    `home` is the zone of local times that do not say theirs, for sorting only.
    """
    settle_all(db, [asset_id], home)


def settle_all(db: sqlite3.Connection, asset_ids: Iterable[int], home: tzinfo) -> None:
    """`settle` of many, in a few queries."""
    said: dict[int, list[Claim]] = {asset_id: [] for asset_id in asset_ids}
    these = json.dumps(list(said))
    for row in db.execute(f"select * from claims where asset_id {_THESE}", (these,)):
        said[row["asset_id"]].append(_claim(row))
    before = _liked(db, these)
    assignments = ", ".join(f"{column} = :{column}" for column in believed([], home))
    db.executemany(
        f"update assets set {assignments} where id = :id",
        [believed(claims, home) | {"id": asset_id} for asset_id, claims in said.items()],
    )
    after = _liked(db, these)
    if changed := [asset_id for asset_id in after if after[asset_id] != before[asset_id]]:
        bring_up(db, changed)


def believed(claims: Iterable[Claim], home: tzinfo) -> dict[str, Any]:
    """The columns of an asset's row, as its claims have them."""
    winners: dict[str, Any] = {}
    for claim in sorted(claims, key=rank, reverse=True):
        winners.setdefault(claim.field, claim.value)
    columns: dict[str, Any] = {}
    for field, spread in _COLUMNS.items():
        columns |= spread(winners.get(field), home)
    return columns


def _liked(db: sqlite3.Connection, these: str) -> dict[int, tuple[Any, ...]]:
    """By which the top of a stack is chosen."""
    rows = db.execute(
        f"select id, favourite, hidden, rating from assets where id {_THESE}", (these,)
    )
    return {asset_id: tuple(liked) for asset_id, *liked in rows}


def _claim(row: sqlite3.Row) -> Claim:
    return Claim(
        row["field"], json.loads(row["value"]), row["source"], row["confidence"], row["detail"]
    )


def _plain(column: str) -> Callable[[Any, tzinfo], dict[str, Any]]:
    return lambda value, home: {column: value}


def _flag(column: str) -> Callable[[Any, tzinfo], dict[str, Any]]:
    return lambda value, home: {column: int(bool(value))}


def _captured(value: Any, home: tzinfo) -> dict[str, Any]:
    if value is None:
        return {"captured_at": None, "captured_utc": None, "day": None}
    return {"captured_at": value, "captured_utc": to_utc(value, home), "day": value[:10]}


def to_utc(captured_at: str, home: tzinfo) -> int:
    """ISO 8601 -> seconds since 1970; a time without offset is taken to be in `home`."""
    moment = datetime.fromisoformat(captured_at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=home)
    return int((moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _location(value: Any, home: tzinfo) -> dict[str, Any]:
    latitude, longitude = value or (None, None)
    return {"latitude": latitude, "longitude": longitude}


_COLUMNS: dict[str, Callable[[Any, tzinfo], dict[str, Any]]] = {
    "captured_at": _captured,
    "location": _location,
    "favourite": _flag("favourite"),
    "hidden": _flag("hidden"),
} | {
    column: _plain(column)
    for column in (
        "width", "height", "duration", "make", "camera", "lens", "title", "description", "rating",
    )
}  # fmt: skip
FIELDS = tuple(_COLUMNS)
