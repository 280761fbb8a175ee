"""What is the same picture, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from albums.ingest.likeness import ALIKE, difference, likeness
from tests.scenes import scene


def cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = image.size
    return image.crop((round(width * share), round(height * share), width, height))


def marked(image: Image.Image) -> Image.Image:
    copy = image.copy()
    ImageDraw.Draw(copy).rectangle((300, 320, 440, 345), fill="white")
    return copy


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "a quarter of its size": lambda image: image.resize((120, 90)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "without colour": lambda image: image.convert("L").convert("RGB"),
    "cropped by 4 %": lambda image: cropped(image, 0.04),
    "with a mark": marked,
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_known(how: str) -> None:
    image = scene(1)
    copy = COPIES[how](image)
    assert likeness(image, copy) >= ALIKE
    assert likeness(image, copy) == pytest.approx(likeness(copy, image), abs=0.01)


def test_another_scene_and_another_view_of_the_same_are_none() -> None:
    image = scene(1)
    assert likeness(image, scene(2)) == 0
    assert likeness(image.crop((0, 0, 430, 360)), image.crop((50, 0, 480, 360))) == 0


def test_what_has_no_detail_is_like_nothing() -> None:
    chance = np.random.default_rng(1)
    dark = [
        Image.fromarray(chance.normal(6, 2, (90, 120, 3)).clip(0, 255).astype(np.uint8))
        for _ in range(2)
    ]
    assert likeness(*dark) == 0
    sky = Image.linear_gradient("L").resize((120, 90)).convert("RGB")
    assert likeness(sky, sky) == 0


def test_of_pages_every_line_must_lie_where_it_was() -> None:
    def page(words: int) -> Image.Image:
        image = Image.new("RGB", (360, 480), "white")
        draw, chance = ImageDraw.Draw(image), np.random.default_rng(words)
        for line in range(30, 450, 14):
            draw.rectangle((30, line, 60 + int(chance.integers(40, 260)), line + 7), fill="black")
        return image

    assert likeness(page(1), page(2), printed=True) == 0
    assert likeness(page(1), page(1), printed=True) > 0.99
    assert likeness(page(1), cropped(page(1), 0.04), printed=True) == 0


def test_the_same_pixels_do_not_differ() -> None:
    assert difference(scene(1), scene(1)) == 0
    assert difference(scene(1), scene(2)) > 20
    assert difference(scene(1), scene(1).resize((120, 90))) == 255
