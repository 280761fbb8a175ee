"""Rank fusion and the cut-off: pure functions of scores.

How near is near depends on the query, so a cosine is first held against those that the same query
has with a sample of the library: z = (cosine - middle) / spread. README.md has what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from albums.search.words import SENTENCE, WordHits

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]
Near = Literal["strong", "fair", "weak"]

_CANDIDATES = 2_000  # nearest in meaning that are ranked
_WEIGHT_OF_WORDS = 2.0  # against 1 for meaning, which is less sure of itself
_BY_CHANCE = 0.1  # share of a query's weight in words that says nothing
_FAIR = 3.0  # z
_STRONG = 4.0  # z
_SHARE_OF_BEST = 0.7  # of the best hit's z
_COVERED = 0.6  # share of a query's weight in words that is a match by itself
_OF_SENTENCE = 10  # hits of a sentence that are shown on fainter signs
_FAINT_Z, _FAINT_COVERAGE = 1.5, 0.2
_LEAST_SPREAD = 0.005  # of cosines; keeps a library of copies from looking like a discovery


@dataclass(frozen=True)
class Ranked:
    """Assets best first; the first `good` are good matches, the others are a weak tail."""

    ids: Ids
    scores: Scores
    good: int


def standardised(scores: NDArray[np.float32], background: NDArray[np.float32]) -> Scores:
    """z of each score. The spread is that of the lower half: true hits are in the upper."""
    middle, low = np.quantile(background, (0.5, 0.16)) if len(background) else (0.0, -1.0)
    return (scores.astype(np.float64) - middle) / max(float(middle - low), _LEAST_SPREAD)


def near(z: float) -> Near:
    return "strong" if z >= _STRONG else "fair" if z >= _FAIR else "weak"


def fused(ids: Ids, z: Scores, hits: WordHits) -> Ranked:
    """Both lists as one. `ids` and `z` are all that may be found by meaning, in any order."""
    candidates = _union(ids, z, hits.ids)
    of_candidate = _aligned(candidates, ids, z, -np.inf)
    bm25 = _aligned(candidates, hits.ids, hits.scores, 0.0)
    coverage = _aligned(candidates, hits.ids, hits.coverage, 0.0)
    scores = _by_words(bm25, coverage) + _by_meaning(of_candidate)
    good = _good(of_candidate, coverage)
    if len(hits.terms) >= SENTENCE:
        good |= _faint(scores, of_candidate, coverage)
    order = np.lexsort((-candidates, -scores, ~good))
    return Ranked(candidates[order], scores[order], int(good.sum()))


def _union(ids: Ids, z: Scores, also: Ids) -> Ids:
    nearest = ids
    if len(ids) > _CANDIDATES:
        nearest = ids[np.argpartition(-z, _CANDIDATES)[:_CANDIDATES]]
    return np.union1d(nearest, also)


def _aligned(candidates: Ids, ids: Ids, values: Scores, missing: float) -> Scores:
    """The value of each candidate; `candidates` ascend, `ids` come in any order."""
    at = np.searchsorted(candidates, ids)
    at[at == len(candidates)] = 0
    known = candidates[at] == ids if len(candidates) else np.zeros(len(ids), np.bool_)
    aligned = np.full(len(candidates), missing)
    aligned[at[known]] = values[known]
    return aligned


def _by_words(bm25: Scores, coverage: Scores) -> Scores:
    best = float(bm25.max(initial=0.0))
    telling = np.clip(coverage - _BY_CHANCE, 0, None) / (1 - _BY_CHANCE)
    weighed: Scores = _WEIGHT_OF_WORDS * telling * np.sqrt(bm25 / (best or 1.0))
    return weighed


def _by_meaning(z: Scores) -> Scores:
    """From -1, as unlike as the best is like, to 1; without a vector there is nothing to say."""
    known = np.where(np.isfinite(z), z, 0.0)
    share: Scores = np.clip(known / max(float(z.max(initial=0.0)), _STRONG), -1, 1)
    return share


def _good(z: Scores, coverage: Scores) -> NDArray[np.bool_]:
    floor = max(_FAIR, _SHARE_OF_BEST * float(z.max(initial=0.0)))
    return (z >= floor) | (coverage >= _COVERED)


def _faint(scores: Scores, z: Scores, coverage: Scores) -> NDArray[np.bool_]:
    """Who writes a sentence looks for one picture: the best few count on fainter signs."""
    first = np.zeros(len(scores), np.bool_)
    first[np.argsort(-scores)[:_OF_SENTENCE]] = True
    return first & ((z >= _FAINT_Z) | (coverage >= _FAINT_COVERAGE))
