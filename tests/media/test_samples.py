"""Real photos, where they are: ALBUMS_SAMPLES names a folder with exif/exif_oracle.jsonl."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from albums.errors import Undecodable
from albums.media import exif
from albums.media.sandbox import Sandbox
from tests.media.test_hostile_files import rendered

SAMPLES = Path(os.environ.get("ALBUMS_SAMPLES", "")) / "exif"
ORACLE = SAMPLES / "exif_oracle.jsonl"
pytestmark = pytest.mark.skipif(
    "ALBUMS_SAMPLES" not in os.environ or not ORACLE.exists(),
    reason="ALBUMS_SAMPLES names no folder with exif/exif_oracle.jsonl",
)
LARGEST = 1_000_000  # bytes: the big ones take long and are decoded by the same code


def oracle() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ORACLE.read_text().splitlines()]


def test_sizes_agree_with_the_oracle() -> None:
    for row in oracle():
        wanted = (row["decode"] or {}).get("upright_size")
        found = exif.read(SAMPLES / row["path"])
        if wanted and found["upright_size"] is not None:
            assert found["upright_size"] == wanted, row["path"]


def test_positions_agree_with_the_oracle() -> None:
    for row in oracle():
        tags: Any = exif.read(SAMPLES / row["path"])["exif"]
        for name in ("GPSLatitude", "GPSLongitude"):
            if row[name] is not None:
                assert tags[name] == pytest.approx(row[name], abs=1e-6), row["path"]


def test_every_sample_gives_pictures_or_a_reason() -> None:
    with Sandbox() as sandbox:
        for row in oracle():
            path = SAMPLES / row["path"]
            if path.stat().st_size > LARGEST:
                continue
            outcome = rendered(sandbox, path)
            if isinstance(outcome, Undecodable):
                assert outcome.facts["reason"] in ("broken", "no-decoder"), row["path"]
            else:
                wanted = (row["decode"] or {}).get("upright_size")
                assert wanted in (None, [outcome.width, outcome.height]), row["path"]
