"""The pages step: every page of a document is found by its words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Skipped, Tools
from albums.ingest.steps.pages import PagesStep
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.words import WordsStep
from albums.library.assets import assets_by_id
from albums.library.documents import page_count, pages_without_text
from albums.library.texts import pages_of, pages_with, written_on
from albums.media.documents import read_pages as pdf_pages
from albums.search.expression import phrase
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep
from tests.media.papers import pdf

TAXES = pdf([["Dear Ana,"], ["Tax form 2024", "Income (gross)"], [], ["Tax advice"]])


@pytest.fixture
def kept(keep: Keep, tools: Tools) -> int:
    with tools.library.write() as db:
        PlaceStep().prepare(db)
        WordsStep().prepare(db)
    return keep(TAXES, "letter.pdf")


def test_pages_are_found_by_what_is_written_on_them(tools: Tools, kept: int, do: Do) -> None:
    [outcome] = do(PagesStep(), kept)
    assert outcome == Done(outcome.write)  # type: ignore[union-attr]
    with tools.library.read() as db:
        assert [page.text for page in pages_of(db, kept)] == [
            "Dear Ana,",
            "Tax form 2024\nIncome (gross)",
            "Tax advice",
        ]
        assert pages_with(db, kept, [phrase("tax"), phrase("2024")]) == [2, 4]
        assert pages_with(db, kept, [phrase("nothing")]) == []
        assert page_count(db, kept) == 4
        assert pages_without_text(db, kept) == [3]


def test_every_line_has_its_place_on_the_page(tools: Tools, kept: int, do: Do) -> None:
    do(PagesStep(), kept)
    with tools.library.read() as db:
        first, second = pages_of(db, kept)[1].lines
    assert first.box is not None
    assert second.box is not None
    left, top, right, bottom = first.box
    assert left == pytest.approx(60 / 595, abs=0.01)
    assert 0.07 < top < bottom < 0.11
    assert left < right < 0.5
    assert second.box[1] > top


def test_the_whole_text_is_among_the_assets_words(
    tools: Tools, kept: int, keep: Keep, make_photo: MakePhoto, do: Do
) -> None:
    photo = keep(make_photo(1))
    do(PagesStep(), kept, photo)
    do(WordsStep(), kept, photo)
    with tools.library.read() as db:
        assert written_on(db, [kept, photo]).keys() == {kept}
        found = db.execute("select rowid from words where words match 'text : (advice)'").fetchall()
    assert [row["rowid"] for row in found] == [kept]


def test_read_again_a_document_has_its_pages_once(tools: Tools, kept: int, do: Do) -> None:
    do(PagesStep(), kept)
    do(PagesStep(), kept)
    with tools.library.read() as db:
        assert pages_with(db, kept, [phrase("ana")]) == [1]
        assert len(pages_of(db, kept)) == 3


def test_a_photo_has_no_pages(keep: Keep, make_photo: MakePhoto, do: Do) -> None:
    assert isinstance(do(PagesStep(), keep(make_photo(1)))[0], Skipped)


def test_what_cannot_be_opened_says_why(keep: Keep, tools: Tools, do: Do) -> None:
    asset = keep(b"%PDF-1.4\nnothing of the kind", "broken.pdf")
    [outcome] = do(PagesStep(), asset)
    assert isinstance(outcome, Failed)
    assert "could not be read as a PDF" in outcome.why


class Breaking:
    """A sandbox in which whatever touches page 2 dies."""

    def call(self, function: Any, path: Path, first: int, last: int) -> dict[str, Any]:
        if first <= 2 <= last:
            raise Undecodable("The file could not be opened", reason="crash", again=True)
        return pdf_pages(path, first, last)


def test_a_page_that_breaks_its_reader_costs_that_page(tools: Tools, keep: Keep) -> None:
    asset_id = keep(TAXES, "letter.pdf")
    with tools.library.read() as db:
        assets = assets_by_id(db, [asset_id])
    breaking = replace(tools, sandbox=cast("Any", Breaking()))
    [outcome] = PagesStep().run(assets, breaking)
    assert isinstance(outcome, Done)
    assert outcome.warning == "Page 2 could not be read."
    with tools.library.write() as db:
        PagesStep().prepare(db)
        outcome.write(db)
        assert [row["page"] for row in db.execute("select page from document_pages")] == [1, 4]
