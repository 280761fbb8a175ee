from __future__ import annotations

import io
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import several
from tests.media.pictures import corners, encoded, seen_corners

PIXELS = 1_000_000
COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def tiff(**options: object) -> bytes:
    pages = [Image.new("RGB", (60, 40), colour) for colour in COLOURS]
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], **options)


def heic() -> bytes:
    out = io.BytesIO()
    file = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for colour in COLOURS:
        file.add_from_pillow(Image.new("RGB", (64, 48), colour))
    file.save(out)
    return out.getvalue()


def page(path: Path, number: int) -> Image.Image:
    return Image.open(io.BytesIO(several.render_page(path, number, 1600, PIXELS)))


@pytest.mark.parametrize("content", [tiff(), tiff(compression="tiff_lzw"), heic()])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_page_is_a_picture(tmp_path: Path, content: bytes, number: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    found = page(path, number)
    assert found.format == "JPEG"
    assert found.getpixel((30, 20)) == pytest.approx(COLOURS[number - 1], abs=12)


def test_a_page_has_an_end_to_its_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(encoded(corners((400, 300)), "TIFF"))
    made = Image.open(io.BytesIO(several.render_page(path, 1, 200, PIXELS)))
    assert made.size == (200, 150)
    assert seen_corners(made) == [0, 1, 2, 3]


@pytest.mark.parametrize(("content", "count"), [(tiff(), 3), (encoded(corners(), "JPEG"), 1)])
def test_there_are_no_more_pages_than_there_are(tmp_path: Path, content: bytes, count: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Undecodable) as caught:
        page(path, count + 1)
    assert (caught.value.facts["reason"], caught.value.why) == ("page", f"it has {count}")


def test_a_page_of_more_pixels_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(tiff())
    with pytest.raises(Undecodable, match="too large"):
        several.render_page(path, 2, 1600, 1000)
