"""What is told from evidence alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from albums.ingest.looks import Evidence, looks_from
from albums.ingest.looks.drawing import drawing_of
from albums.ingest.looks.screens import is_of_a_screen, is_phone_shaped
from albums.ingest.looks.writing import writing_of
from albums.library.texts import Line, Page

WHITE = drawing_of(Image.new("RGB", (373, 800), "white"))
BLACK = drawing_of(Image.new("RGB", (373, 800), "black"))
RECEIPTS = {
    "English": "Milk 1.20\nBread 2.50\nTotal 3.70\nCash 5.00\nChange 1.30\nThank you",
    "German": "Milch 1,20\nBrot 2,50\nSumme EUR 3,70\nBar 5,00\nRückgeld 1,30\nVielen Dank",
    "French": "Lait 1,20\nPain 2,50\nTotal TTC 3,70\nTVA 0,20\nCarte bancaire 3,70",
    "Spanish": "Leche 1,20\nPan 2,50\nTotal 3,70\nEfectivo 5,00\nCambio 1,30\nIVA 10%",
    "Polish": "Mleko 1,20\nChleb 2,50\nSuma PLN 3,70\nPTU A 0,20\nParagon fiskalny",
    "Japanese": "牛乳 ¥198\nパン ¥250\n合計 ¥448\n現金 ¥500\nお釣り ¥52\n領収書",
    "Russian": "Молоко 120.00\nХлеб 45.50\nИТОГО 165.50\nСдача 34.50\nКассовый чек",
}


def evidence(kind: str = "photo", text: str = "", **more: Any) -> Evidence:
    pages = [Page(1, tuple(map(Line, text.splitlines())))] if text else []
    given: dict[str, Any] = {
        "mime": "image/jpeg", "places": [("", "a.jpg")], "size": (700, 1500), "tags": {},
        "drawing": WHITE, "pages": pages,
    }  # fmt: skip
    return Evidence(kind, **given | more)


def names(found: Evidence) -> list[str]:
    return [look.name for look in looks_from(found)]


def test_receipts_are_read_in_several_languages() -> None:
    for language, text in RECEIPTS.items():
        assert names(evidence(text=text)) == ["receipt"], language


def test_prices_alone_make_no_receipt() -> None:
    assert names(evidence(text="Espresso 2.20\nLatte 3.40\nTea 2.00\nCake 4.10")) == []  # a menu
    assert names(evidence(text="In total we walked 12.50 km in 3.20 hours, 1.10 up")) == []
    assert names(evidence(text=RECEIPTS["English"], drawing=BLACK)) == []


def test_a_document_by_its_kind_may_be_a_receipt_besides() -> None:
    assert names(evidence("document", "Dear Ann", drawing=None)) == ["document"]
    assert names(evidence("document", RECEIPTS["German"], drawing=None)) == ["document", "receipt"]


def test_films_and_sounds_have_no_look() -> None:
    for kind in ("video", "audio", "other"):
        assert names(evidence(kind, places=[("Screenshots", "Screenshot_1.mp4")])) == []


def test_the_file_says_itself_that_it_is_a_screenshot() -> None:
    said: list[Any] = [
        {"exif": {"UserComment": "Screenshot"}},
        {"xmp": {"exif:UserComment": ["Screenshot"]}},
        {"text": {"Software": "gnome-screenshot"}},
    ]
    assert [names(evidence(tags=tags)) for tags in said] == [["screenshot"]] * 3
    not_said: list[Any] = [
        {"exif": {"UserComment": "my screenshot of the year"}},
        {"exif": {"Software": "Shutterfly"}},
        {"exif": {"Software": None, "UserComment": 7}, "xmp": {}},
    ]
    assert [names(evidence(tags=tags)) for tags in not_said] == [[]] * 3


def test_a_scanner_that_names_itself_makes_documents() -> None:
    assert names(evidence(tags={"exif": {"Software": "CamScanner"}})) == ["document"]


def test_screens_are_told_by_their_size_either_way_round() -> None:
    assert is_of_a_screen((1170, 2532))
    assert is_of_a_screen((2532, 1170))
    assert not is_of_a_screen((3024, 4032))
    assert not is_of_a_screen((1170, 2531))
    assert is_phone_shaped((738, 1600))
    assert not is_phone_shaped((1600, 738))
    assert not is_phone_shaped((0, 0))


@settings(max_examples=25)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 255))
def test_a_picture_of_any_size_is_looked_at(width: int, height: int, shade: int) -> None:
    drawing = drawing_of(Image.new("RGB", (width, height), (shade, 0, 255 - shade)))
    assert (drawing is None) == (min(width, height) < 100)


@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_text_is_read(lines: list[str]) -> None:
    looks_from(evidence(text="\n".join(lines)))


def test_a_page_without_end_is_read_in_no_time() -> None:
    endless = writing_of([Page(1, (Line("111 " * 1_000_000), Line("1." * 1_000_000)))])
    assert endless.amounts() == 0
