"""BM25: the same order as the textbook, safe against any text, quick for common words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from albums.ingest.steps import words as step
from albums.search import words
from albums.search.expression import NOTHING, phrase, words_of
from albums.search.query import Query
from albums.search.words import WordHits, search_words

from .conftest import Shelves

COLOURS = ["red", "orange", "yellow", "green", "blue", "indigo", "violet", "black", "white", "grey"]


def search(shelves: Shelves, *typed: str, allowed: list[int] | None = None) -> WordHits:
    mask = None
    if allowed is not None:
        mask = np.zeros(max(allowed) + 1, np.bool_)
        mask[allowed] = True
    with shelves.library.read() as db:
        return search_words(db, Query(typed), mask)


def test_reader_and_writer_agree_on_the_columns() -> None:
    assert tuple(words.COLUMNS) == step.COLUMNS


def test_scores_are_those_of_okapi_bm25(shelves: Shelves, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    texts = [rng.choice(COLOURS, int(rng.integers(3, 9)), p=_uneven()) for _ in range(120)]
    for text in texts:
        shelves.add(" ".join(text), name="")
    monkeypatch.setattr(words, "COLUMNS", dict.fromkeys(words.COLUMNS, 1.0))
    okapi = BM25Okapi([text.tolist() for text in texts], k1=1.2, b=0.75)
    for typed in (["violet"], ["black", "white"], ["grey", "violet", "white"]):
        assert all(okapi.idf[word] > 0 for word in typed)  # where it is not, the two differ
        expected = okapi.get_scores(typed)
        hits = search(shelves, *typed)
        # FTS5 rounds the mean length and counts the asset's own empty name; a title adds "."
        np.testing.assert_allclose(hits.scores, expected[hits.ids - 1], rtol=1e-3)
        assert set(hits.ids.tolist()) == set((np.flatnonzero(expected) + 1).tolist())


def _uneven() -> list[float]:
    return [0.3, 0.2, 0.15, 0.1, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02]


def test_endings_accents_and_case_do_not_matter(shelves: Shelves) -> None:
    asset = shelves.add("Two dogs RUNNING in São Paulo")
    for typed in ("dog", "running", "sao", "PAULO"):
        assert search(shelves, typed).ids.tolist() == [asset]


def test_the_beginning_of_the_last_word_is_enough_where_nothing_has_it(shelves: Shelves) -> None:
    car, carpet = shelves.add("a car"), shelves.add("a carpet")
    assert search(shelves, "carp").ids.tolist() == [carpet]
    assert search(shelves, "car").ids.tolist() == [car]
    assert search(shelves, "carp", "zebra").ids.tolist() == []


def test_words_that_every_sentence_has_are_left_out_unless_alone(shelves: Shelves) -> None:
    shelves.add("the end of it all")
    dog = shelves.add("a dog")
    assert search(shelves, "the", "dog", "of").ids.tolist() == [dog]
    assert search(shelves, "the").ids.tolist() == [1]


def test_coverage_and_reasons_say_which_words(shelves: Shelves) -> None:
    both, one = shelves.add("dog on a beach"), shelves.add("dog in the snow")
    shelves.add("a cat")
    hits = search(shelves, "dog", "beach")
    assert hits.ids.tolist() == [both, one]
    assert hits.coverage[0] == pytest.approx(1.0)
    assert 0 < hits.coverage[1] < 0.5
    with shelves.library.read() as db:
        assert hits.words_of(db, both) == ["dog", "beach"]
        assert hits.words_of(db, one) == ["dog"]


def test_labels_answer_words_but_not_sentences(shelves: Shelves) -> None:
    asset = shelves.add()
    shelves.run("insert into tags values (?, 'dog', 'labels', 0.9)", asset)
    shelves.index_words(asset)
    assert search(shelves, "dog").ids.tolist() == [asset]
    assert search(shelves, *["small", "dog", "chasing", "red", "ball"]).ids.tolist() == []


def test_only_the_allowed_are_found(shelves: Shelves) -> None:
    for _ in range(5):
        shelves.add("a dog")
    assert sorted(search(shelves, "dog", allowed=[2, 4]).ids.tolist()) == [2, 4]


def test_common_words_do_not_hide_who_has_all(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_LOOKED_AT", 10)
    monkeypatch.setattr(words, "_SCANNED", 25)
    monkeypatch.setattr(words, "_SCORED", 12)
    oldest = shelves.add("dog beach")
    for number in range(60):
        shelves.add("dog" if number % 2 else "beach")
    hits = search(shelves, "dog", "beach")
    assert oldest in hits.ids[:12]
    assert hits.coverage[hits.ids.tolist().index(oldest)] == pytest.approx(1.0)
    with shelves.library.read() as db:
        assert hits.words_of(db, oldest) == ["dog", "beach"]


def test_a_deleted_asset_leaves_the_index(shelves: Shelves) -> None:
    asset = shelves.add("a dog")
    shelves.add("a cat")
    shelves.run("delete from assets where id = ?", asset)
    assert search(shelves, "dog").ids.tolist() == []
    with shelves.library.read() as db:
        assert db.execute("select count(*) from words_size").fetchone()[0] == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(max_size=60))
def test_no_text_breaks_the_index(shelves: Shelves, text: str) -> None:
    with shelves.library.read() as db:
        for match in (phrase(text), phrase(text, prefix=True)):
            db.execute("select rowid from words where words match ?", (match,)).fetchall()
        search_words(db, Query(tuple(text.split()), (text,)))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('a "b" OR c*', '"a b OR c"'),
        ("NEAR(a, b)", '"NEAR a b"'),
        ("-- ;", NOTHING),
        ("caf\u0065\u0301", '"café"'),
    ],
)
def test_nothing_typed_is_read_as_syntax(text: str, match: str) -> None:
    assert phrase(text) == match


def test_words_are_cut_as_the_index_cuts_them() -> None:
    assert words_of("IMG_2024, naïve東京!") == ["IMG", "2024", "naïve東京"]
