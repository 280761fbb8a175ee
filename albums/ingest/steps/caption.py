"""A title, a description and tags in words: the slowest work, and the last to be done."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset, now
from albums.library.facts import claims_of
from albums.library.tags import replace_tags
from albums.ml.model import Caption, Captioner, Label, Scene

_SIZE = 800  # the picture that captioners look at


class CaptionStep:
    """One asset at a time. What a person wrote is another row and is never touched."""

    name = "caption"
    lane: Lane = "model"
    batch = 1
    needs: tuple[str, ...] = ("facts", "pictures", "embed")
    follows: tuple[str, ...] = ("place",)

    def version(self, tools: Tools) -> str:
        return tools.shelf.caption_version()

    def prepare(self, db: sqlite3.Connection) -> None:
        pass  # captions cost days of work: their table is migrated, not dropped

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        captioner = tools.shelf.captioner()
        return [self._describe(asset, captioner, tools) for asset in assets]

    def _describe(self, asset: Asset, captioner: Captioner, tools: Tools) -> Outcome:
        if asset.kind == "document":
            return Skipped("A document says itself what it is")
        scene = scene_of(asset, tools)
        if scene is None:
            return Skipped("no picture")
        caption = captioner.caption(scene)
        return Done(lambda db: write_caption(db, asset.id, caption, captioner))


def scene_of(asset: Asset, tools: Tools) -> Scene | None:
    """What the captioner may look at; None where there is no picture."""
    image = tools.vault.pictures.image(asset.sha, _SIZE)
    if image is None:
        return None
    with tools.library.read() as db:
        row = db.execute(
            "select city, country from places where asset_id = ?", (asset.id,)
        ).fetchone()
        moment = _moment(db, asset.id)
        labels = tuple(
            Label(r["name"], r["score"], tuple(json.loads(r["broader"])))
            for r in db.execute(
                "select * from labels where asset_id = ? order by score desc", (asset.id,)
            )
        )
    place = ", ".join(part for part in row or () if part) or None
    kind = "Video" if asset.kind == "video" else "Photo"
    return Scene(image, labels, moment, place, asset.name, kind)


def _moment(db: sqlite3.Connection, asset_id: int) -> str | None:
    """When it was taken, unless that is only when the file was written or came in."""
    best = next((c for c in claims_of(db, asset_id) if c.field == "captured_at"), None)
    return None if best is None or best.source in ("file", "arrival") else str(best.value)


def write_caption(
    db: sqlite3.Connection, asset_id: int, caption: Caption, captioner: Captioner
) -> None:
    """The model's caption and its tags, with who wrote them and when."""
    db.execute(
        """insert or replace into captions
               (asset_id, author, title, description, model, engine, version, written_at)
           values (?, 'model', ?, ?, ?, ?, ?, ?)""",
        (
            asset_id,
            caption.title,
            caption.description,
            captioner.model,
            captioner.engine,
            captioner.version,
            now(),
        ),
    )
    replace_tags(db, asset_id, "caption", [(tag, 1.0) for tag in caption.tags])
