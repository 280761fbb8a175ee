"""The matrix is exact and in step with the library."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.search.meaning import MeaningIndex, TextVectors

from .conftest import DIMS, SPACE, Shelves, unit


def vector(seed: int) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal(DIMS).astype(np.float32))


def fill(shelves: Shelves, count: int) -> np.ndarray:
    made = np.stack([vector(number) for number in range(count)])
    for number in range(count):
        shelves.add(vector=made[number])
    return made.astype("<f2").astype(np.float32)


def test_scores_are_cosines(shelves: Shelves) -> None:
    made = fill(shelves, 30)
    ids, scores = shelves.index.vectors(SPACE).scores(vector(99))
    np.testing.assert_allclose(scores, made[ids - 1] @ vector(99), atol=1e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.booleans(), max_size=45), st.integers(0, 100))
def test_a_filtered_search_is_exact(
    filled_index: tuple[MeaningIndex, np.ndarray], mask: list[bool], seed: int
) -> None:
    index, made = filled_index
    allowed = np.array(mask, np.bool_)
    ids, scores = index.vectors(SPACE).scores(vector(seed), allowed)
    expected = [i for i in np.flatnonzero(allowed).tolist() if 1 <= i <= len(made)]
    assert sorted(ids.tolist()) == expected
    np.testing.assert_allclose(scores, made[ids - 1] @ vector(seed), atol=1e-6)


@pytest.fixture
def filled_index(shelves: Shelves) -> tuple[MeaningIndex, np.ndarray]:
    return shelves.index, fill(shelves, 40)


def test_new_replaced_and_deleted_vectors_are_followed(shelves: Shelves) -> None:
    fill(shelves, 5)
    before = shelves.index.vectors(SPACE)
    asset = shelves.add(vector=vector(50))
    with shelves.library.write() as db:
        shelves.embed(db, 2, vector(51))
    shelves.run("delete from assets where id = 3")
    now = shelves.index.vectors(SPACE)
    ids, scores = now.scores(vector(51))
    assert sorted(ids.tolist()) == [1, 2, 4, 5, asset]
    assert ids[np.argmax(scores)] == 2
    assert now.vector_of(3) is None
    assert now.vector_of(999) is None
    assert before.ids.tolist() == [1, 2, 3, 4, 5], "what was handed out does not change"


def test_a_library_without_vectors_has_no_scores(shelves: Shelves) -> None:
    shelves.add("no vector")
    ids, scores = shelves.index.vectors(SPACE).scores(vector(1))
    assert (len(ids), len(scores)) == (0, 0)


def test_readers_see_whole_vectors_while_the_library_grows(shelves: Shelves) -> None:
    fill(shelves, 3)
    problems: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            now = shelves.index.vectors(SPACE)
            lengths = np.linalg.norm(now.matrix, axis=1)
            if len(now.ids) != len(lengths) or not np.allclose(lengths, 1, atol=1e-2):
                problems.append(f"{len(now.ids)} {lengths}")

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(60):
        shelves.add(vector=vector(number))
    stop.set()
    for reader in readers:
        reader.join()
    assert not problems
    assert len(shelves.index.vectors(SPACE).ids) == 63


def test_a_new_space_serves_only_when_it_is_complete(shelves: Shelves) -> None:
    fill(shelves, 3)
    for asset in (1, 2, 3):
        shelves.run(
            "insert into work (step, asset_id, version, state) values ('embed', ?, '2', 'open')",
            asset,
        )
    assert shelves.index.best_space("new") == SPACE
    for asset in (1, 2):
        with shelves.library.write() as db:
            shelves.embed(db, asset, vector(asset), "new")
        shelves.run("update work set state = 'done' where asset_id = ?", asset)
    assert shelves.index.best_space("new") == SPACE
    assert shelves.index.forget_other_spaces("new") == 0
    # The last one cannot be done: it must not hold up the rest for ever.
    shelves.run("update work set state = 'failed' where asset_id = 3")
    assert shelves.index.best_space("new") == "new"
    assert shelves.index.forget_other_spaces("new") == 3
    assert len(shelves.index.vectors(SPACE).scores(vector(1))[0]) == 0


def test_a_first_space_serves_at_once(shelves: Shelves) -> None:
    assert shelves.index.best_space("first") == "first"


def test_a_sentence_is_embedded_once_and_the_oldest_is_forgotten() -> None:
    asked: list[str] = []

    def embed(space: str, sentence: str) -> np.ndarray:
        asked.append(sentence)
        return vector(len(asked))

    vectors = TextVectors(embed, size=2)
    for sentence in ("a", "b", "a", "c", "a", "b"):
        vectors(SPACE, sentence)
    assert asked == ["a", "b", "c", "b"]
    vectors("other", "a")
    assert asked[-1] == "a"
