"""What a picture looks like is found out, and found out anew when its text has been read."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import piexif
import pytest
from PIL import Image, ImageDraw, ImageFont

from albums.ingest.receive import Receiver
from albums.ingest.runner import Runner
from albums.ingest.step import Done, Lane, Outcome, Step, Tools
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.look import LookStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import Asset
from albums.library.ledger import Ledger, Plan
from albums.library.looks import looks_of
from albums.library.texts import Line, Page, make_tables, replace_pages
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep

WORDS = "The council met on Tuesday and spoke about the bridge over the river near the mill. "
CAMERA = piexif.dump(
    {
        "0th": {piexif.ImageIFD.Make: b"Google", piexif.ImageIFD.Model: b"Pixel 8"},
        "Exif": {piexif.ExifIFD.ExposureTime: (1, 120), piexif.ExifIFD.FNumber: (17, 10)},
    }
)
SAID = piexif.dump({"Exif": {piexif.ExifIFD.UserComment: b"ASCII\0\0\0Screenshot"}})


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def page(size: tuple[int, int] = (827, 1169), words: int = 12) -> Image.Image:
    """White paper with lines of text from top to bottom."""
    image = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for number, line in enumerate(textwrap.wrap(WORDS * words * 3, size[0] // 11)):
        if 60 + number * 30 < size[1] - 60:
            draw.text((50, 60 + number * 30), line, (20, 20, 20), font)
    return image


Look = Callable[..., list[str]]


@pytest.fixture
def look(tools: Tools, keep: Keep, do: Do) -> Look:
    """`look(content, name, text=(), **fields)` -> the looks of a new asset, as the step says."""

    def look(content: bytes, name: str, text: Sequence[Line] = (), **fields: Any) -> list[str]:
        asset_id = keep(content, name, **fields)
        for step in (FactsStep(), PicturesStep()):
            do(step, asset_id)
        with tools.library.write() as db:
            make_tables(db, "ocr")
            replace_pages(db, asset_id, "ocr", [Page(1, tuple(text))] if text else [])
        do(LookStep(), asset_id)
        with tools.library.read() as db:
            return [found["look"] for found in looks_of(db, asset_id)]

    return look


def test_an_ordinary_photo_has_no_look(look: Look, make_photo: MakePhoto) -> None:
    assert look(make_photo(1), "IMG_0001.jpg") == []
    assert look(make_photo(2, size=(1080, 2400)), "IMG_0002.jpg") == []
    wallpaper = Image.effect_noise((1080, 2400), 60).convert("RGB")
    assert look(saved(wallpaper), "wallpaper.png") == []


def test_a_camera_takes_no_screenshots(look: Look, make_photo: MakePhoto) -> None:
    taken = make_photo(1, exif=CAMERA)
    assert look(taken, "Screenshot_1.jpg", folder="DCIM/Screenshots") == []


def test_name_folder_and_file_say_that_it_is_a_screenshot(
    look: Look, make_photo: MakePhoto
) -> None:
    assert look(make_photo(1), "Screenshot_20240101-101010.jpg") == ["screenshot"]
    assert look(make_photo(2), "a.jpg", folder="DCIM/Screenshots") == ["screenshot"]
    assert look(make_photo(3, exif=SAID), "IMG_0003.jpg") == ["screenshot"]
    info = Image.new("RGB", (300, 200), "teal")
    assert look(saved(info, exif=SAID), "IMG_0004.PNG") == ["screenshot"]


def test_a_screenshot_without_a_name_is_known_by_its_size_and_its_text(look: Look) -> None:
    lines = [Line("word", (0.1, 0.1 * n, 0.5, 0.1 * n + 0.02)) for n in range(1, 7)]
    assert look(saved(page((1080, 2400), 40)), "a.png", lines) == ["screenshot"]
    sent_on = saved(page((738, 1600), 40), "JPEG")
    clock = Line("10:42", (0.05, 0.01, 0.15, 0.03))
    assert look(sent_on, "IMG-20240101-WA0001.jpg", [clock, *lines]) == ["screenshot"]


def test_the_saying_on_a_wallpaper_makes_no_screenshot(look: Look) -> None:
    wallpaper = saved(Image.new("RGB", (1080, 2400), "navy"))
    large = [Line("Keep calm", (0.1, 0.1 * n, 0.9, 0.1 * n + 0.06)) for n in range(1, 8)]
    assert look(wallpaper, "a.png", large) == []
    together = [Line("small", (0.1, 0.4 + n / 30, 0.9, 0.42 + n / 30)) for n in range(6)]
    assert look(wallpaper, "b.png", together) == []


def test_a_white_page_with_lines_is_a_document(look: Look) -> None:
    assert look(saved(page(), "JPEG"), "scan.jpg") == ["document"]
    assert look(saved(page(), "JPEG", exif=CAMERA), "IMG_0001.jpg") == ["document"]
    assert look(saved(Image.new("RGB", (827, 1169), "white"), "JPEG"), "blank.jpg") == []


def test_large_words_across_a_photo_make_a_meme(look: Look, make_photo: MakePhoto) -> None:
    image = Image.open(io.BytesIO(make_photo(1, size=(600, 500))))
    caption = Line("ONE DOES NOT SIMPLY", (0.1, 0.03, 0.9, 0.14))
    plain = saved(image, "JPEG")
    assert look(plain, "a.jpg", [caption]) == []  # words of a sign
    ImageDraw.Draw(image).text(
        (70, 15), "ONE DOES NOT SIMPLY", "white", ImageFont.load_default(44), stroke_width=4,
        stroke_fill="black",
    )  # fmt: skip
    assert look(saved(image, "JPEG"), "a.jpg", [caption]) == ["meme"]
    assert look(saved(image, "JPEG", exif=CAMERA), "b.jpg", [caption]) == []


RECEIPT = """CORNER SHOP
Bread 2.50
Milk 1.20
Subtotal 3.70
VAT 0.30
Total 4.00
CASH 5.00
Change 1.00
Thank you""".splitlines()


class Reader:
    """Stands for the step that reads text in pictures: it reads a receipt everywhere."""

    name = "ocr"
    lane: Lane = "io"
    batch = 8
    needs: tuple[str, ...] = ("look",)  # later than any real one
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: Any) -> None:
        make_tables(db, "ocr")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        pages = [Page(1, tuple(map(Line, RECEIPT)))]
        return [
            Done(lambda db, id=asset.id: replace_pages(db, id, "ocr", pages))  # type: ignore[misc]
            for asset in assets
        ]


def test_text_that_comes_later_makes_a_receipt_of_the_page(
    tools: Tools, receiver: Receiver, keep: Keep
) -> None:
    steps: tuple[Step, ...] = (FactsStep(), PicturesStep(), LookStep(), Reader())
    ledger = Ledger([Plan(s.name, s.version(tools), s.needs, s.follows) for s in steps])
    asset_id = keep(saved(page(), "JPEG"), "scan.jpg")
    with tools.library.write() as db:
        for step in steps:
            step.prepare(db)
        ledger.sweep(db)
    runner = Runner(ledger, steps, tools)
    runner.start()
    try:
        assert runner.wait_until_idle(60)
    finally:
        runner.stop()
    with tools.library.read() as db:
        [found] = looks_of(db, asset_id)
    assert found["look"] == "receipt"
    assert "total" in found["why"]
