"""A document is found by what is written in it, and on which page that is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from albums.library.texts import Line, Page, replace_pages
from albums.search.expression import phrase
from albums.search.find import Page as Part
from albums.search.in_documents import MarkedLine, marked_page
from tests.search.conftest import Shelves

LETTER = [["Dear Ana,"], ["Tax form", "for the year 2024"], ["Other taxes"], ["Form 2024"]]


def add(shelves: Shelves, pages: Sequence[Sequence[str]], kind: str = "document") -> int:
    asset_id = shelves.add(kind=kind)
    with shelves.library.write() as db:
        written = [Page(n, tuple(map(Line, lines))) for n, lines in enumerate(pages, 1)]
        replace_pages(db, asset_id, "document", written)
    shelves.index_words(asset_id)
    return asset_id


@pytest.fixture
def letter(shelves: Shelves) -> int:
    for number in range(30):
        shelves.add(f"a beach {number}")
    return add(shelves, LETTER)


def test_the_page_with_most_of_the_words_comes_first(shelves: Shelves, letter: int) -> None:
    [found] = shelves.find("2024 tax form").assets
    assert found["id"] == letter
    assert found["why"]["pages"] == [2, 4, 3]


def test_pages_are_named_for_quotes_and_for_the_filter_of_text(
    shelves: Shelves, letter: int
) -> None:
    assert shelves.find('"tax form"').assets[0]["why"]["pages"] == [2]
    [found] = shelves.find('text:"other taxes"').assets
    assert (found["id"], found["why"]["pages"]) == (letter, [3])


def test_a_sentence_names_pages_too(shelves: Shelves, letter: int) -> None:
    found = shelves.find("tax form of year 2024 other", Part(weak=True)).assets
    assert next(row["why"]["pages"] for row in found if row["id"] == letter)[0] == 2


def test_an_unfinished_word_is_found_on_its_page(shelves: Shelves, letter: int) -> None:
    assert shelves.find("oth").assets[0]["why"]["pages"] == [3]


def test_a_photo_has_no_pages_to_name(shelves: Shelves) -> None:
    add(shelves, [["boarding pass"]], kind="photo")
    assert shelves.find("boarding").assets[0]["why"]["pages"] == []


def test_pages_of_other_documents_are_not_named(shelves: Shelves, letter: int) -> None:
    other = add(shelves, [["Nothing"], ["Tax"]])
    pages = {row["id"]: row["why"]["pages"] for row in shelves.find("tax").assets}
    assert pages == {letter: [2, 3], other: [2]}


def marks(lines: Sequence[MarkedLine]) -> list[str]:
    return ["".join(f"[{t}]" if found else t for t, found in line.parts) for line in lines]


def test_what_was_looked_for_is_marked_on_the_page(shelves: Shelves, letter: int) -> None:
    def marked(number: int, *texts: str) -> list[str]:
        with shelves.library.read() as db:
            return marks(marked_page(db, letter, number, [phrase(text) for text in texts]))

    assert marked(2, "taxes", "2024") == ["[Tax] form", "for the year [2024]"]
    assert marked(2, "form for the") == ["Tax [form]", "[for the] year 2024"]
    assert marked(2, "nothing") == ["Tax form", "for the year 2024"]
    assert marked(2) == ["Tax form", "for the year 2024"]
    assert marked(9, "tax") == []
