"""One way to read: the timeline, filters, words, meaning, and pages of each."""

from __future__ import annotations

import numpy as np
import pytest

from albums.errors import BadInput, ModelMissing, NotFound
from albums.search.find import Meaning, Page, find
from albums.search.meaning import TextVectors
from albums.search.query import parse

from .conftest import DIMS, NOW, SPACE, Shelves, unit


def axis(number: int, noise: int = 0) -> np.ndarray:
    vector = np.random.default_rng(noise).standard_normal(DIMS).astype(np.float32) * 0.05
    vector[number] += 1
    return unit(vector)


def test_the_timeline_is_newest_first_and_undated_last(shelves: Shelves) -> None:
    shelves.add(at="2020-01-01T00:00:00+00:00")
    shelves.add(at=None)
    shelves.add(at="2024-01-01T00:00:00+00:00")
    assert shelves.ids("") == [3, 1, 2]
    assert shelves.ids("sort:oldest") == [1, 3, 2]


@pytest.mark.parametrize("text", ["", "sort:oldest", "type:photo", "dog", "dog sort:newest"])
def test_pages_join_to_the_whole(shelves: Shelves, text: str) -> None:
    for number in range(23):
        same_second = f"2024-01-01T00:00:{number // 4:02}+00:00"
        shelves.add("a dog", at=None if number % 5 == 0 else same_second)
    whole = shelves.ids(text, Page(limit=100))
    assert len(whole) == 23
    pages: list[int] = []
    after = None
    while True:
        results = shelves.find(text, Page(limit=4, after=after))
        assert results.total == 23
        pages += [row["id"] for row in results.assets]
        after = results.next
        if after is None:
            break
    assert pages == whole


@pytest.mark.parametrize(
    "after", ["x", "t:1", "t:a:b", "o:-1", "o:", "o:²", "t:1:2:3", f"t:{10**30}:1"]
)
@pytest.mark.parametrize("text", ["", "dog"])
def test_a_page_that_is_none_is_refused(shelves: Shelves, text: str, after: str) -> None:
    with pytest.raises(BadInput):
        shelves.find(text, Page(after=after))


def test_a_limit_out_of_range_is_refused(shelves: Shelves) -> None:
    for limit in (0, -1, 10_000):
        with pytest.raises(BadInput):
            shelves.find("", Page(limit=limit))


def test_words_and_meaning_find_together_and_say_why(shelves: Shelves) -> None:
    for number in range(40):
        shelves.add("a street", vector=axis(number % 8, noise=number))
    both = shelves.add("a dog on a beach", vector=axis(12, noise=1), tags=["dog"])
    silent = shelves.add(vector=axis(12, noise=2))
    words_only = shelves.add("dog by the beach")
    shelves.sentences["dog beach"] = axis(12)
    results = shelves.find("dog beach", by_meaning=True)
    assert results.assets[0]["id"] == both
    assert {row["id"] for row in results.assets} == {both, silent, words_only}
    why = {row["id"]: row["why"] for row in results.assets}
    assert why[both]["words"] == ["dog", "beach"]
    assert why[both]["near"] == "strong"
    assert why[both]["meaning"] > 0.9
    assert why[silent]["words"] == []
    assert why[words_only] == {
        "words": ["dog", "beach"], "meaning": None, "near": None, "filters": [], "pages": [],
    }  # fmt: skip
    assert results.space == SPACE
    tail = shelves.find("dog beach", Page(weak=True), by_meaning=True)
    assert tail.total == 43
    assert [row["id"] for row in tail.assets][:3] == [row["id"] for row in results.assets]


def test_a_filtered_search_finds_the_nearest_of_what_is_allowed(shelves: Shelves) -> None:
    rng = np.random.default_rng(4)
    made = [unit(rng.standard_normal(DIMS).astype(np.float32)) for _ in range(300)]
    for number, vector in enumerate(made):
        shelves.add(at=f"20{10 + number % 10}-01-01T00:00:00+00:00", vector=vector)
    shelves.sentences["sunset"] = axis(3)
    found = shelves.ids("sunset year:2013", Page(weak=True, limit=30), by_meaning=True)
    allowed = [number for number in range(300) if number % 10 == 3]
    cosines = {n + 1: float(made[n].astype("<f2").astype(np.float32) @ axis(3)) for n in allowed}
    positive = [i for i in sorted(cosines, key=lambda i: -cosines[i]) if cosines[i] > 0.1]
    assert found[: len(positive)] == positive
    assert set(found) == set(cosines)


def test_filters_alone_never_load_a_model(shelves: Shelves) -> None:
    shelves.add("a dog", tags=["dog"])
    assert shelves.ids("tag:dog year:2024", by_meaning=True) == [1]
    assert shelves.ids("", by_meaning=True) == [1]
    assert shelves.asked == []


def test_similar_uses_the_vector_of_the_asset_and_no_model(shelves: Shelves) -> None:
    for number in range(40):
        shelves.add(vector=axis(number % 8, noise=number))
    one, other = shelves.add(vector=axis(12, 1)), shelves.add(vector=axis(12, 2))
    sha = shelves.find("").assets[0]["sha"]
    with shelves.library.read() as db:
        sha = db.execute("select sha from assets where id = ?", (one,)).fetchone()["sha"]
    results = shelves.find(f"similar:{sha[:12]}", by_meaning=True)
    assert [row["id"] for row in results.assets] == [other]
    assert shelves.asked == []
    with pytest.raises(NotFound):
        shelves.find("similar:00000000", by_meaning=True)


def test_without_its_model_search_goes_on_by_words(shelves: Shelves) -> None:
    shelves.add("a dog", vector=axis(1))

    def missing(space: str, sentence: str) -> np.ndarray:
        raise ModelMissing("The model clip is not on the shelf")

    meaning = Meaning(shelves.index, SPACE, TextVectors(missing))
    results = find(shelves.library, parse("dog", NOW), meaning=meaning)
    assert [row["id"] for row in results.assets] == [1]
    assert "not on the shelf" in results.note
    assert results.space is None


def test_trashed_assets_are_never_found_unless_asked_for(shelves: Shelves) -> None:
    shelves.add("a dog", vector=axis(1), trashed_at="2026-01-01")
    kept = shelves.add("a dog", vector=axis(1))
    shelves.sentences["dog"] = axis(1)
    page = Page(weak=True)
    assert shelves.ids("dog", page, by_meaning=True) == [kept]
    assert shelves.ids("dog is:trashed", page, by_meaning=True) == [1]


def test_quotes_must_be_there_and_minus_must_not(shelves: Shelves) -> None:
    for number in range(3):
        shelves.add(vector=axis(1, number))
    phrase = shelves.add("the red boat", vector=axis(2))
    shelves.add("the boat is red", vector=axis(2))
    shelves.add("the red boat and a cat", vector=axis(2))
    shelves.sentences["red boat"] = axis(2)
    assert shelves.ids('"red boat" -cat', by_meaning=True) == [phrase]


def test_a_row_has_what_a_grid_needs(shelves: Shelves) -> None:
    shelves.add("model says", place=("Lisbon", "Lisbon", "Portugal", "PT"), width=400, height=300)
    shelves.run(
        """insert into captions (asset_id, author, title, description, written_at)
           values (1, 'person', 'Our summer', '', '')"""
    )
    shelves.run("insert into pictures values (1, ?, 1.333333, 9, 0)", b"abc")
    row = shelves.find("").assets[0]
    assert row["place"] == "Lisbon, Portugal"
    assert row["caption"] == "Our summer", "the person's caption wins"
    assert row["thumbhash"] == "YWJj"
    assert row["aspect"] == pytest.approx(4 / 3, rel=1e-4)
    assert row["favourite"] is False
    assert {"id", "sha", "name", "captured_at", "kind", "width", "height", "score", "why"} <= set(
        row
    )


def test_results_can_be_written_as_json(shelves: Shelves) -> None:
    shelves.add("a dog", tags=["dog"])
    content = shelves.find("dog tag:dog rome 2019").as_json()
    assert [chip["key"] for chip in content["understood"]] == ["tag", "year"]
    assert {"assets", "total", "next", "took"} <= set(content)
