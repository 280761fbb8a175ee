from __future__ import annotations

import pytest
from PIL import Image

from albums.ml.ocr import PaddleReader
from albums.ml.ocr_order import in_reading_order
from albums.ml.shelf import Shelf
from tests.ml.written import LETTER, page


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PaddleReader:
    reader = Shelf(tmp_path_factory.mktemp("models"), threads=1).reader()
    assert isinstance(reader, PaddleReader)
    return reader


def _words(reader: PaddleReader, image: Image.Image) -> list[str]:
    return " ".join(line.text for line in reader.read(image)).split()


def test_a_page_is_read_line_by_line_with_the_spaces_between_words(reader: PaddleReader) -> None:
    lines = reader.read(page())
    assert [line.text for line in lines] == list(LETTER)
    assert all(line.sure > 0.9 for line in lines)


def test_boxes_are_where_the_text_stands(reader: PaddleReader) -> None:
    for i, line in enumerate(reader.read(page())):
        left, top, right, bottom = line.box
        assert 0 < left < 0.08
        assert left < right < 1
        middle = (36 + 72 * i + 22) / 500
        assert top < middle < bottom
        assert bottom - top < 72 / 500


def test_what_has_no_text_is_known_at_a_glance(reader: PaddleReader) -> None:
    assert len(reader.glance(page())) == len(LETTER)
    assert reader.glance(Image.linear_gradient("L").resize((800, 600)).convert("RGB")) == []


def test_rows_are_read_from_left_to_right() -> None:
    boxes = [(0.5, 0.11, 0.9, 0.2), (0.1, 0.3, 0.4, 0.4), (0.1, 0.1, 0.4, 0.19)]
    assert in_reading_order(["b", "c", "a"], boxes) == ["a", "b", "c"]
