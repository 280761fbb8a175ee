"""Writes what the library found out into the sidecar, so that files stay the whole truth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from albums.ingest.step import Done, Lane, Outcome, Tools
from albums.library.assets import Asset
from albums.library.facts import Claim, claims_of
from albums.library.looks import follows_from_preferences


class RecordStep:
    """The `machine` part of a sidecar. What a person says is written there by curate, at once."""

    name = "record"
    lane: Lane = "io"
    batch = 16
    needs: tuple[str, ...] = ("facts", "embed")
    follows: tuple[str, ...] = ("zone", "place", "rules", "look", "caption")

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        pass  # its table is the sidecars

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        for asset in assets:
            with tools.library.read() as db:
                found = found_out(db, asset.id)
            tools.vault.sidecars.update(asset.sha, partial(_put, found))
        return [Done() for _ in assets]


def found_out(db: sqlite3.Connection, asset_id: int) -> dict[str, Any]:
    """All that cost work to find out and is not in the bytes in plain sight."""
    asset = db.execute("select * from assets where id = ?", (asset_id,)).fetchone()
    exif = db.execute("select tags from exif where asset_id = ?", (asset_id,)).fetchone()
    caption = db.execute(
        """select title, description, model, engine, version, written_at from captions
           where asset_id = ? and author = 'model'""",
        (asset_id,),
    ).fetchone()
    tags = db.execute(
        """select tag, source, score from tags
           where asset_id = ? and source != 'person' order by source, tag""",
        (asset_id,),
    )
    return {
        "captured_at": asset["captured_at"],
        "claims": [c.as_json() for c in claims_of(db, asset_id) if _is_kept_here(c)],
        "exif": json.loads(exif["tags"]) if exif else None,
        "caption": dict(caption) if caption else None,
        "tags": [dict(row) for row in tags],
    }


def _is_kept_here(claim: Claim) -> bool:
    return claim.source != "person" and not follows_from_preferences(claim)


def _put(found: dict[str, Any], content: dict[str, Any]) -> None:
    refused = content.get("person", {}).get("refused_tags", ())  # perhaps since it was read
    found["tags"] = [tag for tag in found["tags"] if tag["tag"] not in refused]
    content["machine"] = found
