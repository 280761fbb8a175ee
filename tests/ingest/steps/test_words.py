"""The words step: what is found by which words."""

from __future__ import annotations

import sqlite3

import pytest

from albums.ingest.step import Tools
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.words import COLUMNS, WordsStep
from albums.library.facts import Claim, add_claims, settle
from albums.library.tags import replace_tags
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep


@pytest.fixture
def kept(keep: Keep, make_photo: MakePhoto, tools: Tools) -> int:
    with tools.library.write() as db:
        PlaceStep().prepare(db)
    return keep(make_photo(1), "IMG_20240512_LisbonTrip2.jpg")


def write(tools: Tools, sql: str, *parameters: object) -> None:
    with tools.library.write() as db:
        db.execute(sql, parameters)


def caption(tools: Tools, asset_id: int, author: str, text: str, engine: str = "torch") -> None:
    write(
        tools,
        """insert into captions (asset_id, author, title, description, engine, written_at)
           values (?, ?, 'A title', ?, ?, '2026-01-01')""",
        asset_id, author, text, engine,
    )  # fmt: skip


def indexed(tools: Tools, asset_id: int) -> sqlite3.Row:
    with tools.library.read() as db:
        row: sqlite3.Row = db.execute("select * from words where rowid = ?", (asset_id,)).fetchone()
    return row


def test_names_are_split_into_their_words(tools: Tools, kept: int, do: Do) -> None:
    do(WordsStep(), kept)
    assert "IMG_20240512_LisbonTrip2 IMG_20240512_Lisbon Trip 2" in indexed(tools, kept)["name"]
    with tools.library.read() as db:
        for word in ("lisbon", "trip", "20240512", "lisbontrip2"):
            assert db.execute("select rowid from words where words match ?", (word,)).fetchone()


def test_all_that_is_known_is_in_its_column(tools: Tools, kept: int, do: Do) -> None:
    with tools.library.write() as db:
        claims = [("camera", "Nikon D850"), ("make", "Nikon"), ("title", "Holiday")]
        add_claims(db, kept, [Claim(field, value, "exif") for field, value in claims])
        settle(db, kept, tools.home)
        replace_tags(db, kept, "person", [("grandma", 1.0)])
        db.execute(
            """insert into places (asset_id, city, region, country, country_code)
               values (?, 'Porto', 'Porto', 'Portugal', 'PT')""",
            (kept,),
        )
    do(WordsStep(), kept)
    row = indexed(tools, kept)
    assert row["caption"] == "Holiday"
    assert row["tags"] == "grandma"
    assert row["place"] == "Porto Porto Portugal"
    assert row["gear"] == "Nikon D850 Nikon"
    with tools.library.read() as db:
        terms = db.execute("select terms from words_size").fetchone()["terms"]
    assert terms == sum(len(row[name].replace("_", " ").split()) for name in COLUMNS)


def test_the_persons_caption_wins_over_the_models(tools: Tools, kept: int, do: Do) -> None:
    caption(tools, kept, "model", "A dog")
    do(WordsStep(), kept)
    assert indexed(tools, kept)["caption"] == "A title. A dog"
    caption(tools, kept, "person", "Rex")
    do(WordsStep(), kept)
    assert indexed(tools, kept)["caption"] == "A title. Rex"


def test_what_only_repeats_the_labels_is_kept_apart(tools: Tools, kept: int, do: Do) -> None:
    with tools.library.write() as db:
        replace_tags(db, kept, "labels", [("dog", 0.9), ("animal", 0.9)])
        replace_tags(db, kept, "caption", [("dog", 1.0), ("park", 1.0)])
        replace_tags(db, kept, "file", [("animal", 1.0)])
    caption(tools, kept, "model", "Photo of a dog", engine="template")
    do(WordsStep(), kept)
    row = indexed(tools, kept)
    assert (row["caption"], row["tags"]) == ("", "animal")
    assert set(row["labels"].split(" ")) == {"A", "title.", "Photo", "of", "a", "dog", "dog,park"}
    write(tools, "update captions set engine = 'torch'")
    do(WordsStep(), kept)
    row = indexed(tools, kept)
    assert row["caption"] == "A title. Photo of a dog"
    assert set(row["tags"].split(", ")) == {"dog", "park", "animal"}
    assert row["labels"] == ""


def test_done_twice_an_asset_is_indexed_once(tools: Tools, kept: int, do: Do) -> None:
    do(WordsStep(), kept)
    do(WordsStep(), kept)
    with tools.library.read() as db:
        assert db.execute("select count(*) from words").fetchone()[0] == 1
        assert db.execute("select count(*) from words_size").fetchone()[0] == 1


def test_who_anybody_says_is_on_it_is_found_by_name(tools: Tools, kept: int, do: Do) -> None:
    with tools.library.write() as db:
        said = {"takeout": ["Anna Meier", "Bo"], "person": ["Bo", "Zoë"], "apple": []}
        add_claims(db, kept, [Claim("people", names, who) for who, names in said.items()])
    do(WordsStep(), kept)
    assert indexed(tools, kept)["people"] == "Anna Meier, Bo, Zoë"
    with tools.library.read() as db:
        for name in ("meier", "zoe"):
            assert db.execute("select 1 from words where words match ?", (name,)).fetchone()
