"""Says which assets are shown as one: live photos, RAW and JPEG, edited copies, bursts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from albums.ingest.shot import burst_of, camera_of, clock_of, original_names
from albums.ingest.step import Done, Lane, Outcome, Tools
from albums.ingest.steps.companions import place_of
from albums.library.assets import Asset
from albums.library.shots import Shot, keep_shot, make_tables
from albums.library.stacks import restack

if TYPE_CHECKING:
    from PIL import Image

_SIZE = 800  # the picture in which one sees whether a shot is sharp


class StackStep:
    """Done again once there is a fingerprint: parts of one shot need not wait for it."""

    name = "stack"
    lane: Lane = "cpu"
    batch = 16
    needs: tuple[str, ...] = ("companions",)
    follows: tuple[str, ...] = ("fingerprint",)

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_tables(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._stack(asset, tools) for asset in assets]

    def _stack(self, asset: Asset, tools: Tools) -> Outcome:
        shot = _shot(asset, tools) if asset.kind == "photo" else None

        def write(db: sqlite3.Connection) -> None:
            changed = keep_shot(db, shot) if shot else set[int]()
            restack(db, {asset.id} | changed)

        return Done(write)


def _shot(asset: Asset, tools: Tools) -> Shot:
    with tools.library.read() as db:
        row = db.execute("select tags from exif where asset_id = ?", (asset.id,)).fetchone()
        arrivals = db.execute(
            "select origin, folder, name from arrivals where asset_id = ?", (asset.id,)
        ).fetchall()
    tags = json.loads(row["tags"]) if row else {}
    names = [(r["origin"], r["folder"], PurePosixPath(r["name"]).stem) for r in arrivals]
    burst_id, cover = burst_of(tags, sorted({stem for _, _, stem in names}))
    at = clock_of(tags)
    image = tools.vault.pictures.image(asset.sha, _SIZE) if burst_id or at is not None else None
    return Shot(
        asset.id,
        camera_of(tags) + ("|raw" if asset.mime.startswith("image/x-") else ""),
        at,
        burst_id,
        cover,
        sharpness(image) if image else None,
        tuple(_edit_of(names)),
    )


def _edit_of(names: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for origin, folder, stem in names:
        for original in original_names(stem):
            yield place_of(origin, folder, original)


def sharpness(image: Image.Image) -> float:
    """How much neighbouring pixels differ: the variance of the Laplacian of the grey picture."""
    grey = np.asarray(image.convert("L"), np.float32)
    inside = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return round(float((around - 4 * inside).var()), 3) if inside.size else 0.0
