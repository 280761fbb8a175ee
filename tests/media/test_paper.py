"""Documents whose text flows: what is written in them, and their pages as pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import documents, picture
from albums.media.formats import identify, identify_file
from tests.media.papers import NEW_PAGE, ODT, W, docx, epub, odf, package, pptx, xlsx
from tests.media.pictures import corners, encoded

OFFICE = "application/vnd.openxmlformats-officedocument."
MAIL = (
    b"From: Ana <ana@example.org>\r\nTo: Bo\r\nDate: Tue, 5 Mar 2024 10:00:00 +0100\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\nMessage-ID: <1@x>\r\n"
    b"Content-Type: text/plain; charset=latin-1\r\n\r\nSch\xf6ne Gr\xfc\xdfe\r\n"
)
RTF = (
    rb"{\rtf1\ansi{\info{\title Will}{\author Ana}{\creatim\yr2020\mo2\dy3}}\b Caf\'e9\b0\par Two}"
)


def keep(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def texts(path: Path) -> list[list[str]]:
    """The lines of each page."""
    answer = documents.read_pages(path, 1, 1_000)
    assert answer["pages"] == len(answer["read"])
    return [[line[0] for line in lines] for _, lines in answer["read"]]


WRITTEN: dict[str, tuple[bytes, str, list[list[str]]]] = {
    "letter.docx": (
        docx("Dear Bo,\nthe rent."),
        OFFICE + "wordprocessingml.document",
        [["Dear Bo,", "the rent."]],
    ),
    "budget.xlsx": (
        xlsx(),
        OFFICE + "spreadsheetml.sheet",
        [["Rent", "Day Amount", "2024-03-05 12.5 TRUE"], ["Food", "Bread"]],
    ),
    "talk.pptx": (
        pptx(),
        OFFICE + "presentationml.presentation",
        [["Our holiday", "Speak slowly"], ["The end"]],
    ),
    "cake.odt": (
        odf("text", ODT),
        "application/vnd.oasis.opendocument.text",
        [["Cake", "Two  eggs"]],
    ),
    "sums.ods": (
        odf(
            "spreadsheet",
            """<table:table table:name="May"><table:table-row><table:table-cell><text:p>a</text:p>
            </table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell>
            </table:table-row></table:table><table:table table:name="June"></table:table>""",
        ),
        "application/vnd.oasis.opendocument.spreadsheet",
        [["May", "a b"], ["June"]],
    ),
    "talk.odp": (
        odf(
            "presentation",
            "<draw:page><text:p>One</text:p></draw:page><draw:page><text:p>Two</text:p></draw:page>",
        ),
        "application/vnd.oasis.opendocument.presentation",
        [["One"], ["Two"]],
    ),
    "book.epub": (
        epub(["<h1>First</h1><p>It   was<br/>night.</p>", "<p>Second</p><script>no</script>"]),
        "application/epub+zip",
        [["First", "It was", "night."], ["Second"]],
    ),
    "a.txt": (b"One\r\n\r\nTwo", "text/plain", [["One", "Two"]]),
    "a.md": (b"# Title\nText", "text/markdown", [["Title", "Text"]]),
    "a.csv": (b'name;age\n"Bo; the dog";4', "text/csv", [["name age", "Bo; the dog 4"]]),
    "a.json": (b'{"a": 1}', "application/json", [['{"a": 1}']]),
    "a.html": (
        b"<!doctype html><title>T</title><p>Caf&eacute;</p><table><tr><td>a<td>b</table>",
        "text/html",
        [["Café", "a b"]],
    ),
    "a.rtf": (RTF, "application/rtf", [["Café", "Two"]]),
    "a.eml": (
        MAIL,
        "message/rfc822",
        [
            [
                "From: Ana <ana@example.org>",
                "To: Bo",
                "Date: Tue, 05 Mar 2024 10:00:00 +0100",
                "Subject: Grüße",
                "Schöne Grüße",
            ]
        ],
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    content, mime, pages = WRITTEN[name]
    path = keep(tmp_path, content, name)
    format = identify_file(path)
    assert (format.mime, format.kind, format.decodable) == (mime, "document", True)
    assert texts(path) == pages


@pytest.mark.parametrize("name", WRITTEN)
def test_every_page_is_a_picture_and_the_first_stands_for_all(name: str, tmp_path: Path) -> None:
    content, _, pages = WRITTEN[name]
    path = keep(tmp_path, content, name)
    assert set(picture.render(path).pictures) == set(picture.SIZES)
    for number in range(1, len(pages) + 1):
        page = Image.open(io.BytesIO(documents.render_page(path, number, 800)))
        assert max(page.size) == 800
        assert np.asarray(page.convert("L")).min() < 80
    with pytest.raises(Undecodable) as refusal:
        documents.render_page(path, len(pages) + 1, 800)
    assert refusal.value.facts["reason"] == "page"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
def test_text_of_any_encoding_reads_right(encoding: str, tmp_path: Path) -> None:
    euro = "" if encoding == "latin-1" else " 5 € – “so”"
    text = f"Straße, façade, niño: ÄÖÜ{euro}\nand a second line"
    path = keep(tmp_path, text.encode(encoding), "a.txt")
    assert identify_file(path).mime == "text/plain"
    assert texts(path) == [text.split("\n")]


def test_a_page_that_the_document_ends_itself_is_ended_there(tmp_path: Path) -> None:
    hint = "<w:p><w:r><w:t>three</w:t><w:lastRenderedPageBreak/><w:t>four</w:t></w:r></w:p>"
    one, two = (f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in ("one", "two"))
    path = keep(tmp_path, docx(one + NEW_PAGE + two + NEW_PAGE + hint), "a.docx")
    assert texts(path) == [["one"], ["two"], ["three"], ["four"]]
    soft = "<text:p>one</text:p><text:p>tw<text:soft-page-break/>o</text:p><text:p>three</text:p>"
    assert texts(keep(tmp_path, odf("text", soft), "a.odt")) == [["one", "two"], ["three"]]


def test_tables_keep_their_cells_apart_and_what_was_deleted_is_gone(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    row = f"<w:tr>{cell.format('rent')}{cell.format('500')}</w:tr>"
    gone = "<w:p><w:del><w:r><w:delText>secret</w:delText></w:r></w:del></w:p>"
    foot = f"<x {W}>{cell.format('a footnote')}</x>"
    path = keep(tmp_path, docx(row + gone, **{"word/footnotes.xml": foot}), "a.docx")
    assert texts(path) == [["rent 500", "a footnote"]]


def test_long_text_goes_on_on_further_pages_and_long_lines_are_broken(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(3_000))
    path = keep(tmp_path, f"{words}\n{'x' * 500}".encode(), "a.txt")
    pages = texts(path)
    assert len(pages) > 3
    assert " ".join(line for page in pages for line in page).replace("x ", "x").split() == [
        *words.split(),
        "x" * 500,
    ]
    for _, lines in documents.read_pages(path, 2, 2)["read"]:
        for _, (left, top, right, bottom), _, _ in lines:
            assert 0 < left < right <= 0.92
            assert 0 < top < bottom < 0.95


def test_the_picture_that_a_document_brings_is_shown_where_it_is_good(tmp_path: Path) -> None:
    good = encoded(corners((600, 480)), "JPEG")
    icon = encoded(corners((96, 64)), "PNG")
    with_cover = keep(tmp_path, epub(["<p>x</p>"], good), "a.epub")
    assert (picture.render(with_cover).width, picture.render(with_cover).height) == (600, 480)
    with_icon = keep(tmp_path, odf("text", ODT, **{"Thumbnails/thumbnail.png": icon}), "a.odt")
    assert picture.render(with_icon).height > picture.render(with_icon).width
    broken = keep(tmp_path, epub(["<p>x</p>"], b"no picture"), "b.epub")
    assert picture.render(broken).height == 1600


SAID: dict[str, dict[str, Any]] = {
    "letter.docx": {"title": "A letter", "creator": "Ana Sousa", "created": "2024-03-05T10:20:00Z"},
    "cake.odt": {
        "title": "Recipes",
        "keyword": "cake; bread",
        "creation-date": "2023-12-24T18:00:00.5",
    },
    "book.epub": {"title": "A book", "date": "1999"},
    "a.html": {"title": "T"},
    "a.md": {"title": "Title"},
    "a.rtf": {"title": "Will", "author": "Ana", "created": "2020-02-03T00:00:00"},
    "a.eml": {"Subject": "Grüße", "From": "Ana <ana@example.org>"},
    "a.txt": {},
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_document_says_of_itself(name: str, tmp_path: Path) -> None:
    said = documents.said(keep(tmp_path, WRITTEN[name][0], name))
    assert {key: said[key] for key in SAID[name]} == SAID[name]


def test_office_documents_are_told_from_other_zips(tmp_path: Path) -> None:
    plain = package({"word/notes.txt": "x", "photo.txt": "y"})
    assert identify(plain, "export.zip").mime == "application/zip"
    late = package({"word/theme/theme1.xml": "x" * 9000, "[Content_Types].xml": "<Types/>"})
    assert identify(late[:4096], "a.docx").mime == OFFICE + "wordprocessingml.document"
