from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from albums.ingest.step import Done, Outcome, Skipped, Tools
from albums.ingest.steps.ocr import OcrStep
from albums.ingest.steps.pages import PagesStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.texts import Line, Page, pages_of, pages_with, replace_pages
from albums.ml.shelf import Shelf
from tests.ml.written import LETTER, page

Keep = Callable[..., int]
Do = Callable[..., list[Outcome]]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("models"), threads=1)


@pytest.fixture
def tools(tools: Tools, shelf: Shelf) -> Tools:
    with tools.library.write() as db:
        PagesStep().prepare(db)
    return replace(tools, shelf=shelf)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _lines(tools: Tools, asset_id: int) -> list[str]:
    with tools.library.read() as db:
        return [line.text for page in pages_of(db, asset_id) for line in page.lines]


def test_what_is_written_in_a_picture_is_kept_with_its_boxes(
    keep: Keep, do: Do, tools: Tools
) -> None:
    asset = keep(_png(page()), "letter.png")
    do(PicturesStep(), asset)
    assert isinstance(do(OcrStep(), asset)[0], Done)
    assert _lines(tools, asset) == list(LETTER)
    with tools.library.read() as db:
        [read] = pages_of(db, asset)
    assert all(line.box and min(line.box) >= 0 and max(line.box) <= 1 for line in read.lines)


def test_small_print_is_read_from_the_original(keep: Keep, do: Do, tools: Tools) -> None:
    lines = [f"paragraph {n} of the general terms and conditions" for n in range(1, 9)]
    photo = Image.new("RGB", (3600, 2400), "#d8d4cc")
    photo.paste(page(lines, (900, 700), 30), (1500, 800))
    asset = keep(_png(photo), "terms.png")
    do(PicturesStep(), asset)
    do(OcrStep(), asset)
    assert _lines(tools, asset) == lines


def test_a_long_screenshot_is_read_to_its_end(keep: Keep, do: Do, tools: Tools) -> None:
    lines = [f"line {n} of the whole thread" for n in range(1, 31)]
    asset = keep(_png(page(lines, (720, 2300), 36)), "Screenshot.png")
    do(PicturesStep(), asset)
    do(OcrStep(), asset)
    assert _lines(tools, asset) == lines


def test_scanned_pages_of_a_pdf_are_read(keep: Keep, do: Do, tools: Tools) -> None:
    first, second = page(), page(["the second page"])
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=[second])
    asset = keep(out.getvalue(), "scan.pdf")
    do(PagesStep(), asset)
    do(OcrStep(), asset)
    with tools.library.read() as db:
        assert [page.text for page in pages_of(db, asset)] == ["\n".join(LETTER), "the second page"]
        assert pages_with(db, asset, ['"second"']) == [2]


def test_what_was_read_before_goes_when_nothing_is_read_now(
    keep: Keep, do: Do, tools: Tools
) -> None:
    asset = keep(_png(Image.linear_gradient("L").convert("RGB")), "sky.png")
    do(PicturesStep(), asset)
    do(OcrStep(), asset)
    with tools.library.write() as db:
        replace_pages(db, asset, "ocr", [Page(1, (Line("of an older reader"),))])
    do(OcrStep(), asset)
    assert _lines(tools, asset) == []


def test_a_picture_without_text_has_none_and_is_done(keep: Keep, do: Do, tools: Tools) -> None:
    asset = keep(_png(Image.linear_gradient("L").convert("RGB")), "sky.png")
    do(PicturesStep(), asset)
    assert isinstance(do(OcrStep(), asset)[0], Done)
    assert _lines(tools, asset) == []


def test_what_is_no_picture_is_skipped(keep: Keep, do: Do) -> None:
    [outcome] = do(OcrStep(), keep(b"only words", "note.txt"))
    assert isinstance(outcome, Skipped)
