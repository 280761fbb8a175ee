"""The same picture in another file has the same hash, and no other has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import piexif
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media.pixels import pixels_of
from tests.scenes import jpeg, scene


def hash_of(folder: Path, content: bytes, name: str = "a.jpg") -> str:
    path = folder / name
    path.write_bytes(content)
    return pixels_of(path, 1_000_000).hash


def test_other_metadata_do_not_count(tmp_path: Path) -> None:
    image = scene(1)
    tagged = jpeg(image, exif=piexif.dump({"0th": {piexif.ImageIFD.Make: "Nikon"}}))
    assert hash_of(tmp_path, jpeg(image)) == hash_of(tmp_path, tagged) != ""


def test_compressed_again_or_turned_it_is_another_picture(tmp_path: Path) -> None:
    image = scene(1)
    turned = jpeg(image, exif=piexif.dump({"0th": {piexif.ImageIFD.Orientation: 6}}))
    hashes = {
        hash_of(tmp_path, content)
        for content in (jpeg(image), jpeg(image, quality=85), turned, jpeg(scene(2)))
    }
    assert len(hashes) == 4


def test_what_has_more_bits_or_another_format_is_another_picture(tmp_path: Path) -> None:
    image = scene(1).convert("L")
    image.save(tmp_path / "a.png")
    deep = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    deep.save(tmp_path / "b.png")
    image.save(tmp_path / "c.bmp")
    hashes = {pixels_of(tmp_path / name, 1_000_000).hash for name in ("a.png", "b.png", "c.bmp")}
    assert len(hashes) == 3


def test_a_file_that_ends_too_early_is_like_no_other(tmp_path: Path) -> None:
    content = jpeg(scene(1))
    assert hash_of(tmp_path, content[: len(content) * 3 // 4]) == ""


def test_what_is_too_large_or_no_picture_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(scene(1)))
    (tmp_path / "a.xyz").write_bytes(b"no picture")
    with pytest.raises(Undecodable, match="too large"):
        pixels_of(tmp_path / "a.jpg", 100)
    with pytest.raises(Undecodable, match="no picture"):
        pixels_of(tmp_path / "a.xyz", 100)
