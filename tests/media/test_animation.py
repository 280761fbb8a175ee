from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import animation, exif
from tests.media.pictures import corners, encoded, seen_corners
from tests.media.test_hostile_files import heic

TURNED = [corners().rotate(90), corners().rotate(180)]
SAMPLES = Path(os.environ.get("ALBUMS_SAMPLES", "")) / "exif/pillow_heif/heif_other/nokia"


@pytest.mark.parametrize(
    ("format", "several", "animated"),
    [
        ("GIF", True, True),
        ("GIF", False, False),
        ("WEBP", True, True),
        ("PNG", True, True),
        ("PNG", False, False),
        ("AVIF", True, True),
        ("AVIF", False, False),
        ("TIFF", True, False),
        ("JPEG", False, False),
    ],
)
def test_a_file_says_whether_it_moves(
    tmp_path: Path, format: str, several: bool, animated: bool
) -> None:
    path = tmp_path / "x"
    options = {"save_all": True, "append_images": TURNED} if several else {}
    path.write_bytes(encoded(corners(), format, **options))
    tags = exif.read(path)
    assert (tags["animated"], tags["frames"]) == (animated, 3 if several else 1)


def test_several_photos_in_one_file_do_not_move(tmp_path: Path) -> None:
    path = tmp_path / "x.heic"
    path.write_bytes(heic())
    assert exif.read(path)["animated"] is False


def test_a_sequence_becomes_an_animation_that_every_browser_plays(tmp_path: Path) -> None:
    path = tmp_path / "x.avif"
    images = [corners(), *TURNED]
    path.write_bytes(encoded(images[0], "AVIF", save_all=True, append_images=TURNED, duration=250))
    with Image.open(io.BytesIO(animation.render(path, longest=48))) as made:
        assert (made.format, made.size, getattr(made, "n_frames", 1)) == ("WEBP", (48, 32), 3)
        seen = []
        for number in range(3):
            made.seek(number)
            seen.append(made.convert("RGB").getpixel((12, 8)))
            assert made.info["duration"] == 250
    assert len(set(seen)) == 3


def test_a_sequence_that_was_filmed_upright_stands(tmp_path: Path) -> None:
    path = tmp_path / "x.avif"
    content = encoded(corners(), "AVIF", save_all=True, append_images=TURNED)
    lying = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    at = content.index(lying, content.index(b"tkhd"))
    path.write_bytes(content[:at] + quarter + content[at + 36 :])
    with Image.open(io.BytesIO(animation.render(path, longest=48))) as made:
        assert made.size == (32, 48)
        assert seen_corners(made.convert("RGB")) == [2, 0, 3, 1]


def test_a_file_without_a_sequence_has_none(tmp_path: Path) -> None:
    path = tmp_path / "x.heic"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(Undecodable):
        animation.render(path)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="ALBUMS_SAMPLES names no folder with HEIC files")
def test_a_real_burst_in_heic_moves() -> None:
    path = SAMPLES / "bird_burst.heic"
    assert exif.read(path)["animated"] is True
    with Image.open(io.BytesIO(animation.render(path))) as made:
        assert made.size == (640, 360)
        assert getattr(made, "n_frames", 1) > 50
