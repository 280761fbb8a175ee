"""A film on its way through the steps: facts, pictures, and what it is found by."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from albums.ingest.step import Done, Skipped, Tools
from albums.ingest.steps.embed import EmbedStep, together
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import assets_by_id
from albums.ml.model import Label, Seen
from tests.ingest.steps.conftest import Do, Keep
from tests.media.films import film, noise, numbered


class Eyes:
    """Sees how bright an image is, and says how many there were."""

    space, dims, batch = "eyes", 2, 4

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        levels = [float(np.asarray(image).mean()) / 255 for image in images]
        return [
            Seen(np.array([level, (1 - level**2) ** 0.5], np.float32), (Label("light", level),))
            for level in levels
        ]


class Shelf:
    def space(self) -> str:
        return "eyes"

    def embedder(self) -> Eyes:
        return Eyes()


@pytest.fixture
def with_eyes(tools: Tools) -> Tools:
    return dataclasses.replace(tools, shelf=cast("Any", Shelf()))


def test_a_film_is_as_long_and_as_large_as_it_says(
    keep: Keep, do: Do, tools: Tools, tmp_path: Path
) -> None:
    content = film(tmp_path / "x.mp4", frames=25, turn=(-90, False, False)).read_bytes()
    asset_id = keep(content, "VID_20240701_120000.mp4")
    assert isinstance(do(FactsStep(), asset_id)[0], Done)
    with tools.library.read() as db:
        row = db.execute("select * from assets where id = ?", (asset_id,)).fetchone()
    assert (row["duration"], row["width"], row["height"]) == (2.5, 64, 96)


def test_a_film_has_a_poster_and_a_moving_preview(
    keep: Keep, do: Do, tools: Tools, tmp_path: Path
) -> None:
    asset_id = keep(film(tmp_path / "x.mp4", paint=noise).read_bytes(), "x.mp4")
    assert isinstance(do(PicturesStep(), asset_id)[0], Done)
    with tools.library.read() as db:
        sha = assets_by_id(db, [asset_id])[0].sha
        row = db.execute("select * from pictures").fetchone()
    pictures = tools.vault.pictures
    assert pictures.complete(sha)
    assert len(pictures.frames(sha)) == 4
    files = [*(pictures.path(sha, size) for size in (300, 800, 1600)), pictures.frames_path(sha)]
    assert row["bytes"] == sum(file.stat().st_size for file in files)
    pictures.remove(sha)
    assert not any(file.exists() for file in files)


def test_a_film_of_sound_alone_is_nothing_to_show(keep: Keep, do: Do, tmp_path: Path) -> None:
    from tests.media.test_film import only_sound

    [outcome] = do(PicturesStep(), keep(only_sound(tmp_path / "x.mp4").read_bytes(), "x.mp4"))
    assert isinstance(outcome, Skipped)
    assert "only sound" in outcome.why


def test_a_film_is_found_by_the_mean_of_its_frames(
    keep: Keep, do: Do, tools: Tools, with_eyes: Tools, tmp_path: Path
) -> None:
    path = film(tmp_path / "x.mp4", frames=60, paint=numbered, gop=5)
    asset_id, photo = keep(path.read_bytes(), "x.mp4"), keep(b"no picture", "x.jpg")
    do(PicturesStep(), asset_id)
    step = EmbedStep()
    with tools.library.write() as db:
        step.prepare(db)
    with tools.library.read() as db:
        assets = [assets_by_id(db, [each])[0] for each in (asset_id, photo)]
        levels = [
            float(np.asarray(f).mean()) / 255 for f in tools.vault.pictures.frames(assets[0].sha)
        ]
    done, skipped = step.run(assets, with_eyes)
    assert isinstance(done, Done)
    assert isinstance(skipped, Skipped)
    with tools.library.write() as db:
        done.write(db)
        vector = np.frombuffer(db.execute("select vector from embeddings").fetchone()[0], "<f2")
        label = db.execute("select name, score from labels").fetchone()
    assert len(levels) == 10
    assert float(vector[0]) == pytest.approx(np.mean(levels), abs=0.05)
    assert float(np.linalg.norm(vector.astype(float))) == pytest.approx(1, abs=0.01)
    assert label["score"] == pytest.approx(max(levels), abs=0.001)


def test_frames_that_point_everywhere_still_have_a_vector() -> None:
    one = Seen(np.array([1, 0], np.float32), (Label("dog", 0.2), Label("cat", 0.9)))
    other = Seen(np.array([-1, 0], np.float32), (Label("dog", 0.7),))
    seen = together([one, other])
    assert list(seen.vector) == [1, 0]
    assert [(label.name, label.score) for label in seen.labels] == [("cat", 0.9), ("dog", 0.7)]
