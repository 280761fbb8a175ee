"""Rank fusion and the cut-off: pure functions of scores.

How near is near depends on the query, so a cosine is first held against those that the same query
has with a sample of the library: z = (cosine - middle) / spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from albums.search.words import WordHits

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]
Near = Literal["strong", "fair", "weak"]

_CANDIDATES = 2_000  # nearest in meaning that are ranked
_WEIGHT_OF_WORDS = 0.5
_FAIR = 2.5  # z
_STRONG = 4.0  # z
_SHARE_OF_BEST = 0.6  # of the best hit's z
_COVERED = 0.6  # share of the query's weight in words that makes a match by itself


@dataclass(frozen=True)
class Ranked:
    """Assets best first; the first `good` are good matches, the others are a weak tail.

    `z` is nan where an asset has no vector.
    """

    ids: Ids
    scores: Scores
    z: Scores
    good: int


def standardised(scores: NDArray[np.float32], background: NDArray[np.float32]) -> Scores:
    """z of each score. The spread is that of the lower half: true hits are in the upper."""
    middle, low = np.quantile(background, (0.5, 0.16)) if len(background) else (0.0, -1.0)
    return (scores - float(middle)) / max(float(middle - low), 0.005)


def near(z: float) -> Near:
    return "strong" if z >= _STRONG else "fair" if z >= _FAIR else "weak"


def fused(ids: Ids, z: Scores, hits: WordHits) -> Ranked:
    """Both lists as one. `ids` and `z` are all that may be found by meaning, in any order."""
    candidates = _union(ids, z, hits.ids)
    of_candidate = _aligned(candidates, ids, z, np.nan)
    bm25 = _aligned(candidates, hits.ids, hits.scores, 0.0)
    coverage = _aligned(candidates, hits.ids, hits.coverage, 0.0)
    scores = _fused_scores(of_candidate, bm25)
    good = _good(of_candidate, coverage)
    order = np.lexsort((-candidates, -scores, ~good))
    return Ranked(candidates[order], scores[order], of_candidate[order], int(good.sum()))


def _union(ids: Ids, z: Scores, also: Ids) -> Ids:
    nearest = ids
    if len(ids) > _CANDIDATES:
        nearest = ids[np.argpartition(-z, _CANDIDATES)[:_CANDIDATES]]
    return np.union1d(nearest, also)


def _aligned(candidates: Ids, ids: Ids, values: Scores, missing: float) -> Scores:
    """The value of each candidate (both kinds of ids in any order; `candidates` ascending)."""
    at = np.searchsorted(candidates, ids)
    at[at == len(candidates)] = 0
    known = candidates[at] == ids if len(candidates) else np.zeros(len(ids), np.bool_)
    aligned = np.full(len(candidates), missing)
    aligned[at[known]] = values[known]
    return aligned


def _fused_scores(z: Scores, bm25: Scores) -> Scores:
    """A weighted sum (convex combination; Bruch et al. 2022) of both, each 0..1."""
    best = bm25.max(initial=0.0)
    by_words = bm25 / best if best > 0 else bm25
    by_meaning = np.clip(np.nan_to_num(z) / max(np.nanmax(z, initial=0.0), _STRONG), 0, 1)
    return _WEIGHT_OF_WORDS * by_words + (1 - _WEIGHT_OF_WORDS) * by_meaning


def _good(z: Scores, coverage: Scores) -> NDArray[np.bool_]:
    known = np.nan_to_num(z, nan=-np.inf)
    floor = max(_FAIR, _SHARE_OF_BEST * float(known.max(initial=0.0)))
    return (known >= floor) | (coverage >= _COVERED)
