"""PDF: text with its places, forms that somebody filled in, and what the file says of itself."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import documents, pdf
from tests.media import papers


@pytest.fixture
def put(tmp_path: Path) -> Path:
    return tmp_path / "a.pdf"


def lines(path: Path) -> list[str]:
    return [line[0] for _, lines in documents.read_pages(path, 1, 9)["read"] for line in lines]


def test_a_line_covers_its_ink(put: Path) -> None:
    put.write_bytes(papers.pdf([["", "", "A line in the middle of nowhere"]]))
    [[_, [[text, box, *_]]]] = documents.read_pages(put, 1, 1)["read"]
    page = np.asarray(Image.open(io.BytesIO(pdf.render_page(put, 1, 1000))).convert("L")) < 128
    rows, columns = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
    height, width = page.shape
    assert text == "A line in the middle of nowhere"
    ink = (columns[0] / width, rows[0] / height, columns[-1] / width, rows[-1] / height)
    assert box == pytest.approx(ink, abs=0.006)


@pytest.mark.parametrize(
    ("matrix", "turn"),
    [("1 0 0 1", 0), ("0 -1 1 0", 1), ("-1 0 0 -1", 2), ("0 1 -1 0", 3)],
)
def test_text_on_its_side_says_how_it_is_turned(put: Path, matrix: str, turn: int) -> None:
    upright = papers.pdf([["on its side"]])
    put.write_bytes(upright.replace(b"60 762 Td", f"{matrix} 300 300 Tm".encode()))
    [[_, [[_, (left, top, right, bottom), _, found]]]] = documents.read_pages(put, 1, 1)["read"]
    assert found == turn
    assert (right - left > bottom - top) == (turn % 2 == 0)


def test_letters_beyond_ascii_are_read(put: Path) -> None:
    put.write_bytes(papers.pdf([["Straße, façade: 5 € (net)"]]))
    assert lines(put) == ["Straße, façade: 5 € (net)"]


def test_what_was_filled_into_a_form_is_read_and_drawn(put: Path) -> None:
    put.write_bytes(papers.form("Ana Sousa"))
    assert lines(put) == ["Name:", "Ana Sousa"]
    filled = pdf.render_page(put, 1, 800)
    put.write_bytes(papers.form(""))
    assert lines(put) == ["Name:"]
    assert pdf.render_page(put, 1, 800) != filled


def test_a_word_that_goes_on_in_the_next_line_is_whole(put: Path) -> None:
    found = pdf._joined([["a docu\x02", None, 1.0], ["ment of", None, 1.0], ["two", None, 1.0]])
    assert [line[0] for line in found] == ["a document", "of", "two"]
    assert [line[0] for line in pdf._joined([["end\x02", None, 1.0]])] == ["end"]


def test_what_a_pdf_says_of_itself(put: Path) -> None:
    info = "/Title <FEFF00C4> /Author (Ana) /CreationDate (D:20240305101500+01'00') /Producer ()"
    put.write_bytes(papers.pdf([["x"], []], info=info))
    assert documents.said(put) == {
        "Title": "Ä",
        "Author": "Ana",
        "CreationDate": "D:20240305101500+01'00'",
        "pages": 2,
    }


def test_there_is_no_page_beyond_the_last(put: Path) -> None:
    put.write_bytes(papers.pdf([["x"]]))
    for number in (0, -1, 2):
        with pytest.raises(Undecodable) as refusal:
            pdf.render_page(put, number, 100)
        assert refusal.value.facts["reason"] == "page"
