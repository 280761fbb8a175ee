"""A vector for search by meaning, and the labels that the same model sees.

The vectors of the model before stay until all assets have their new ones (search/meaning.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.tags import replace_tags
from albums.ml.model import ImageTextEmbedder, Label, Seen

if TYPE_CHECKING:
    from PIL import Image

_SIZE = 800  # the picture that models look at ...
_AT_LEAST = 256  # ... of which they want this many pixels on the shorter edge
_LABELS = 10  # of a film, as many as of a picture


class EmbedStep:
    """Looks at pictures in batches."""

    name = "embed"
    lane: Lane = "model"
    batch = 64  # a few of the model's own, so that it need not wait for pictures
    needs: tuple[str, ...] = ("pictures",)
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return tools.shelf.space()

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""
            create table if not exists embeddings (
                seq integer primary key autoincrement, -- grows, so that readers see what is new
                asset_id integer not null references assets on delete cascade,
                space text not null,                   -- model and engine
                vector blob not null,                  -- float16, little endian, unit length
                unique (asset_id, space)
            )""")
        db.execute("""
            create table if not exists labels (
                asset_id integer not null references assets on delete cascade,
                name text not null,
                score real not null,
                broader text not null,                 -- JSON, from near to far
                primary key (asset_id, name)
            ) without rowid""")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        embedder = tools.shelf.embedder()
        outcomes: list[Outcome] = []
        with ThreadPoolExecutor(2) as pool:  # reads ahead while the model looks
            images = pool.map(lambda asset: _pictures(asset, tools), assets)
            for chunk in _batched(zip(assets, images, strict=True), embedder.batch):
                outcomes += _look(chunk, embedder)
        return outcomes


def _pictures(asset: Asset, tools: Tools) -> list[Image.Image]:
    """Of a film some of its frames; else the picture; none where there is none."""
    if asset.kind == "video" and (frames := tools.vault.pictures.frames(asset.sha)):
        return frames
    image = tools.vault.pictures.image(asset.sha, _SIZE, _AT_LEAST)
    return [image] if image else []


def _look(
    chunk: Sequence[tuple[Asset, list[Image.Image]]], embedder: ImageTextEmbedder
) -> list[Outcome]:
    shown = [image for _, images in chunk for image in images]
    seen = iter(embedder.see(shown) if shown else [])
    return [
        _write_down(asset, together(list(islice(seen, len(images)))), embedder.space)
        if images
        else Skipped("no picture")
        for asset, images in chunk
    ]


def together(frames: Sequence[Seen]) -> Seen:
    """What was seen in several frames: the direction of their mean, and each label as sure as in
    the frame that shows it best."""
    if len(frames) == 1:
        return frames[0]
    mean = sum((frame.vector for frame in frames[1:]), start=frames[0].vector)
    length = float((mean @ mean) ** 0.5)
    best: dict[str, Label] = {}
    for label in (label for frame in frames for label in frame.labels):
        if label.name not in best or label.score > best[label.name].score:
            best[label.name] = label
    labels = sorted(best.values(), key=lambda label: label.score, reverse=True)
    return Seen(mean / length if length else frames[0].vector, tuple(labels[:_LABELS]))


def _batched(
    pairs: Iterator[tuple[Asset, list[Image.Image]]], size: int
) -> Iterator[list[tuple[Asset, list[Image.Image]]]]:
    while chunk := list(islice(pairs, size)):
        yield chunk


def _write_down(asset: Asset, seen: Seen, space: str) -> Done:
    def write(db: sqlite3.Connection) -> None:
        db.execute(
            "insert or replace into embeddings (asset_id, space, vector) values (?, ?, ?)",
            (asset.id, space, seen.vector.astype("<f2").tobytes()),
        )
        write_labels(db, asset.id, seen)

    return Done(write)


def write_labels(db: sqlite3.Connection, asset_id: int, seen: Seen) -> None:
    """Labels as they are, and as tags together with their broader names."""
    db.execute("delete from labels where asset_id = ?", (asset_id,))
    db.executemany(
        "insert or ignore into labels (asset_id, name, score, broader) values (?, ?, ?, ?)",
        [(asset_id, label.name, label.score, json.dumps(label.broader)) for label in seen.labels],
    )
    tags: dict[str, float] = {}
    for label in seen.labels:
        for name in (label.name, *label.broader):
            tags[name] = max(tags.get(name, 0.0), label.score)
    replace_tags(db, asset_id, "labels", tags.items())
