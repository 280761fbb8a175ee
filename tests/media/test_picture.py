from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import picture
from albums.media.picture import Rendered, render
from tests.media import pictures
from tests.media.pictures import corners, encoded, exif_with, saved, seen_corners, turned


def opened(rendered: Rendered, size: int) -> Image.Image:
    return Image.open(io.BytesIO(rendered.pictures[size]))


def test_three_upright_pictures_with_the_longest_edge_asked_for(tmp_path: Path) -> None:
    stored = turned(corners((2000, 1500)), 6)
    rendered = render(saved(tmp_path / "x.jpg", stored, "JPEG", exif=exif_with(6)))
    assert (rendered.width, rendered.height) == (2000, 1500)
    for size in picture.SIZES:
        image = opened(rendered, size)
        assert image.size == (size, size * 3 // 4)
        assert Image.MIME[image.format or ""] == picture.mime_of(size)
        assert seen_corners(image) == [0, 1, 2, 3]
        assert image.getexif().get(0x0112) is None


def test_a_small_original_is_never_made_larger(tmp_path: Path) -> None:
    rendered = render(saved(tmp_path / "x", corners((400, 200)), "PNG"))
    assert [opened(rendered, size).size for size in (1600, 800, 300)] == [
        (400, 200),
        (400, 200),
        (300, 150),
    ]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (9000, 2)])
def test_odd_shapes_have_pictures(tmp_path: Path, size: tuple[int, int]) -> None:
    rendered = render(saved(tmp_path / "x", Image.new("RGB", size, (9, 99, 199)), "PNG"))
    assert (rendered.width, rendered.height) == size
    assert len(rendered.thumbhash) > 5


def test_display_p3_pictures_look_the_same_as_their_original(tmp_path: Path) -> None:
    p3 = pictures.rgb_profile(pictures.P3_COLORANTS)
    rendered = render(
        saved(tmp_path / "x", corners((900, 600)), "JPEG", quality=95, icc_profile=p3)
    )
    for size in (800, 300):
        image = opened(rendered, size)
        assert image.info["icc_profile"] == p3
        assert np.abs(np.array(image.getpixel((50, 50))) - pictures.RED).max() <= 6


def test_pictures_of_the_same_scene_in_srgb_and_p3_agree(tmp_path: Path) -> None:
    profile = pictures.rgb_profile(pictures.P3_COLORANTS)
    plain = render(saved(tmp_path / "s", Image.new("RGB", (64, 64), (128, 128, 128)), "PNG"))
    wide = render(
        saved(
            tmp_path / "p", Image.new("RGB", (64, 64), (128, 128, 128)), "PNG", icc_profile=profile
        )
    )
    assert opened(plain, 300).info.get("icc_profile") is None
    assert plain.thumbhash == wide.thumbhash  # grey is grey in both


def test_a_truncated_photo_has_pictures_and_says_so(tmp_path: Path) -> None:
    noise = Image.effect_noise((640, 480), 80)
    content = encoded(noise, "JPEG")
    path = tmp_path / "x.jpg"
    path.write_bytes(content[: len(content) // 2])
    assert render(path).truncated
    path.write_bytes(content)
    assert not render(path).truncated


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no-decoder"),
        (b"7z\xbc\xaf\x27\x1c", "no-decoder"),
        (b"\xff\xd8\xff\xe0junk", "broken"),
    ],
)
def test_what_has_no_picture_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(Undecodable) as caught:
        render(path)
    assert caught.value.facts["reason"] == reason
    assert caught.value.what
    assert caught.value.hint


def test_a_wrong_extension_does_not_matter(tmp_path: Path) -> None:
    assert render(saved(tmp_path / "x.png", corners(), "JPEG")).width == 96


def test_the_pixel_limit_is_the_callers(tmp_path: Path) -> None:
    path = saved(tmp_path / "x", corners(), "PNG")
    with pytest.raises(Undecodable, match="too large"):
        render(path, picture.SIZES, 6143)
    assert render(path, picture.SIZES, 6144).width == 96
