"""Everything the library knows of one asset, as one JSON-able table."""

from __future__ import annotations

import base64
import json
import sqlite3
from typing import Any

from albums.library.assets import Asset
from albums.library.collections import collections_of
from albums.library.companions import companions_of
from albums.library.documents import document_of
from albums.library.duplicates import near_duplicates
from albums.library.facts import Claim, claims_of, people_in
from albums.library.ledger import Ledger
from albums.library.looks import looks_of
from albums.library.moving import shown_moving
from albums.library.playable import shown_play
from albums.library.stacks import stack_of
from albums.library.stills import still_of
from albums.library.tags import tags_of
from albums.library.variants import original_of, versions_of

_ROW = """
    select a.*, p.city, p.region, p.country, p.country_code, p.distance_km,
           pic.thumbhash, pic.aspect, pic.truncated, exif.tags as exif,
           words_size.terms, ready.at as indexed_at
    from assets a
    left join places p on p.asset_id = a.id
    left join pictures pic on pic.asset_id = a.id
    left join exif on exif.asset_id = a.id
    left join words_size on words_size.asset_id = a.id
    left join work ready on ready.asset_id = a.id and ready.step = 'words'
                              and ready.state = 'done'
    where a.id = ?"""
_AS_THEY_ARE = (
    "sha", "name", "folder", "kind", "mime", "size", "width", "height", "duration", "captured_at",
    "camera", "lens", "rating", "trashed_at", "received_at", "indexed_at", "aspect",
)  # fmt: skip


def detail(db: sqlite3.Connection, ledger: Ledger, asset: Asset, space: str) -> dict[str, Any]:
    """The asset as the API and the page show it. `space` is that of the active embedder."""
    row = db.execute(_ROW, (asset.id,)).fetchone()
    written = caption_of(db, asset.id)
    exif: dict[str, Any] = json.loads(row["exif"]) if row["exif"] else {}
    claims = claims_of(db, asset.id)
    return {column: row[column] for column in _AS_THEY_ARE} | {
        "_origin": row["origin"],
        "caption": text_of(written),
        "caption_details": written,
        "exif": exif.get("exif", {}),
        "metadata": exif,
        "clip_dims": _dims(db, asset.id, space),
        "bm25_terms": row["terms"] or 0,
        "place": place_name(row),
        "place_details": _place(row),
        "location": _location(row),
        "favourite": bool(row["favourite"]),
        "hidden": bool(row["hidden"]),
        "truncated": bool(row["truncated"]),
        "thumbhash": base64.b64encode(row["thumbhash"]).decode() if row["thumbhash"] else None,
        "tags": _tags(db, asset.id),
        "looks": looks_of(db, asset.id),
        "collections": collections_of(db, asset.id),
        "people": people_in(claims),
        "facts": _facts(claims),
        "work": ledger.of(db, asset.id),
        "moving": shown_moving(db, asset.id),
        "play": shown_play(db, ledger, asset.id, asset.kind),
        "companions": companions_of(db, asset.id),
        "original": original_of(db, claims),
        "versions": versions_of(db, asset.sha),
        "stack": stack_of(db, asset.id),
        "near_duplicates": _near_duplicates(db, asset.id),
        "film": exif.get("film") or None,
        "document": document_of(db, asset.id),
        "still": still_of(asset.mime, exif),
    }


def caption_of(db: sqlite3.Connection, asset_id: int) -> dict[str, Any] | None:
    """The caption that is shown: the person's words where there are some, else the model's."""
    rows = db.execute(
        """select author, title, description, model, engine, version, written_at
           from captions where asset_id = ?""",
        (asset_id,),
    )
    by_author = {row["author"]: dict(row) for row in rows}
    return by_author.get("person") or by_author.get("model")


def text_of(caption: dict[str, Any] | None) -> str | None:
    """A caption in one piece of text: its description, or its title where it has no more."""
    return (caption["description"] or caption["title"]) if caption else None


def place_name(row: sqlite3.Row) -> str | None:
    """ "Lisbon, Portugal", from a row with city, region and country."""
    return ", ".join(part for part in (row["city"], row["country"]) if part) or None


def _place(row: sqlite3.Row) -> dict[str, Any] | None:
    if not place_name(row):
        return None
    return {key: row[key] for key in ("city", "region", "country", "country_code", "distance_km")}


def _location(row: sqlite3.Row) -> dict[str, float] | None:
    if row["latitude"] is None:
        return None
    return {"latitude": row["latitude"], "longitude": row["longitude"]}


def _dims(db: sqlite3.Connection, asset_id: int, space: str) -> int:
    row = db.execute(
        """select length(vector) / 2 as dims from embeddings where asset_id = ?
           order by space = ? desc, seq desc limit 1""",
        (asset_id, space),
    ).fetchone()
    return int(row["dims"]) if row else 0


def _tags(db: sqlite3.Connection, asset_id: int) -> list[dict[str, Any]]:
    return [
        {"tag": tag["tag"], "score": tag["score"], "sources": str(tag["sources"]).split(",")}
        for tag in tags_of(db, asset_id)
    ]


def _facts(claims: list[Claim]) -> list[dict[str, Any]]:
    """Every claim, the believed one first within its field."""
    believed: set[str] = set()
    facts = []
    for claim in claims:
        facts.append(claim.as_json() | {"believed": claim.field not in believed})
        believed.add(claim.field)
    return facts


def _near_duplicates(db: sqlite3.Connection, asset_id: int) -> list[dict[str, Any]]:
    bits = dict(near_duplicates(db, asset_id))
    rows = db.execute(
        """select id, sha, name from assets
           where id in (select value from json_each(?)) and trashed_at is null""",
        (json.dumps(list(bits)),),
    )
    near = [{"sha": r["sha"], "name": r["name"], "bits": bits[r["id"]]} for r in rows]
    return sorted(near, key=lambda other: (other["bits"], other["sha"]))
