"""Rank fusion and the cut-off."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from albums.search.blend import fused, near, standardised
from albums.search.words import Term, WordHits, no_hits

NOBODY = (np.empty(0, np.int64), np.empty(0))


def hits(*found: tuple[int, float, float], terms: int = 1) -> WordHits:
    """`found`: id, BM25, coverage."""
    term = Term("x", '"x"', '"x"', np.empty(0, np.int64), 1.0, whole=True)
    ids, scores, coverage = (np.array(column) for column in zip(*found, strict=True))
    return WordHits(ids.astype(np.int64), scores, coverage, [term] * terms)


def library(good: int, count: int = 1000, at: float = 0.45) -> NDArray[np.float32]:
    """Cosines of a library in which `good` assets match: the first ones."""
    cosines = np.random.default_rng(1).normal(0.15, 0.03, count)
    cosines = np.minimum(cosines, 0.15 + 2.9 * 0.03)  # a quiet library, so that counts are exact
    cosines[:good] = at
    return cosines.astype(np.float32)


@pytest.mark.parametrize("good", [0, 1, 3, 200])
def test_the_cut_off_finds_none_few_and_many(good: int) -> None:
    cosines = library(good)
    ranked = fused(np.arange(1000), standardised(cosines, cosines), no_hits())
    assert ranked.good == good
    assert set(ranked.ids[:good].tolist()) == set(range(good))
    assert len(ranked.ids) == 1000, "the weak tail is still there for those who ask"


def test_the_cut_off_does_not_depend_on_the_scale_of_the_model() -> None:
    cosines = library(5)
    for scaled in (cosines, cosines * np.float32(0.3), cosines + np.float32(0.4)):
        assert fused(np.arange(1000), standardised(scaled, scaled), no_hits()).good == 5


def test_who_matches_in_words_and_meaning_comes_first() -> None:
    z = np.array([5.0, 5.0, 0.1, 0.0])
    ranked = fused(np.array([1, 2, 3, 4]), z, hits((2, 4.0, 1.0), (3, 4.0, 1.0)))
    assert ranked.ids.tolist()[:3] == [2, 3, 1]
    assert ranked.good == 3


def test_one_common_word_of_many_is_not_a_match() -> None:
    ranked = fused(*NOBODY, hits((1, 9.0, 0.9), (2, 1.0, 0.1), terms=3))
    assert ranked.good == 1


def test_a_sentence_keeps_its_best_few_on_fainter_signs() -> None:
    z = np.array([2.0, 1.9, 1.0])
    ids = np.array([1, 2, 3])
    assert fused(ids, z, hits((9, 0.1, 0.05), terms=2)).good == 0
    assert fused(ids, z, hits((9, 0.1, 0.05), terms=5)).good == 2


def test_an_asset_without_vector_is_found_by_words() -> None:
    ranked = fused(np.array([1]), np.array([4.0]), hits((7, 3.0, 1.0)))
    assert ranked.ids.tolist() == [7, 1]
    assert np.isfinite(ranked.scores).all()


def test_nothing_at_all_is_an_empty_list() -> None:
    assert fused(*NOBODY, no_hits()).good == 0


def test_near_has_a_name() -> None:
    assert [near(z) for z in (9, 3.5, 0, -np.inf)] == ["strong", "fair", "weak", "weak"]
