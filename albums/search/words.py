"""BM25 over what is known of each asset in words, by SQLite's FTS5.

The pipeline's step `words` fills the index (ingest/steps/words.py).

Rare words decide what is looked at: a word that a large part of the library has only adds to the
score of assets found otherwise, so that the time does not grow with the commonest word.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from albums.search.expression import phrase, words_of
from albums.search.query import Query

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]  # by asset id

# One column each; the weights of bm25() are in the same order.
COLUMNS = {
    "caption": 3.0, "tags": 3.0, "name": 1.0, "place": 3.0, "people": 4.0, "gear": 1.0, "text": 1.0,
    "labels": 2.0,
}  # fmt: skip
_STOP_WORDS = frozenset(
    words_of("""
        a an and are as at be but by for from has have he her his i in into is it its me my of on
        or our she some that the their them there they this to was we were with you your""")
)
SENTENCE = 4  # telling words that make one
# What the embedder says is its vector in other words: in a sentence it would count twice.
_WITHOUT_LABELS = f"{{{' '.join(name for name in COLUMNS if name != 'labels')}}} : "
_LOOKED_AT = 20_000  # newest assets with a word that are looked at, where no filter narrows it down
_SCANNED = 200_000  # entries of the index that bm25() may pass over
_SCORED = 2_000  # assets that bm25() is computed for; the rest of those with the words score 0
_SURELY = 0.5  # of the query's weight in words: in the list even where bm25() is not computed


@dataclass(frozen=True)
class Term:
    """One word or phrase of a query, and the assets that have it."""

    word: str  # as typed
    phrase: str  # as an FTS5 expression for any text
    match: str  # the same, in the columns of `words` that count
    ids: Ids  # ascending
    weight: float  # inverse document frequency
    whole: bool  # `ids` are all of them

    def is_in(self, db: sqlite3.Connection, asset_id: int) -> bool:
        at = int(np.searchsorted(self.ids, asset_id))
        if self.whole or (at < len(self.ids) and self.ids[at] == asset_id):
            return at < len(self.ids) and bool(self.ids[at] == asset_id)
        sql = "select 1 from words where words match ? and rowid = ?"
        return db.execute(sql, (self.match, asset_id)).fetchone() is not None


@dataclass(frozen=True)
class WordHits:
    """Assets that have some of the words, best first.

    `scores` are BM25 (larger is better); `coverage` says how much of the query's weight an asset
    has, 0..1, rare words weighing more.
    """

    ids: Ids
    scores: NDArray[np.float64]
    coverage: NDArray[np.float64]
    terms: Sequence[Term] = ()

    def words_of(self, db: sqlite3.Connection, asset_id: int) -> list[str]:
        """The words of the query that an asset has."""
        return [term.word for term in self.terms if term.is_in(db, asset_id)]


def search_words(db: sqlite3.Connection, query: Query, allowed: Mask | None = None) -> WordHits:
    """BM25 for the query's words and quotes; `allowed` says by asset id who may be found."""
    last_id = db.execute("select max(id) from words_docsize").fetchone()[0]
    words = terms_of(query)
    if not last_id or not words:
        return no_hits()
    unfinished = query.words[-1].lower() if query.words else None
    columns = _WITHOUT_LABELS if len(words) >= SENTENCE else ""
    terms = _with_fair_weights(
        [
            _look_up(db, columns, word, last_id, allowed, unfinished=word == unfinished)
            for word in words
        ]
    )
    coverage = np.zeros(last_id + 1)
    for term in terms:
        coverage[term.ids] += term.weight
    whole = sum(term.weight for term in terms)
    for ids in _with_all(db, terms, allowed):
        coverage[ids] = whole
    return _scored(db, terms, _largest(coverage, _SCORED), coverage / whole)


def terms_of(query: Query) -> list[str]:
    """What is looked up: quotes, and words but for those that every sentence has."""
    words = [word.lower() for text in query.words for word in words_of(text)]
    telling = [word for word in words if word not in _STOP_WORDS]
    return list(dict.fromkeys([*query.quotes, *(telling or words)]))


def no_hits() -> WordHits:
    return WordHits(np.empty(0, np.int64), np.empty(0), np.empty(0))


def _look_up(
    db: sqlite3.Connection,
    columns: str,
    word: str,
    last_id: int,
    allowed: Mask | None,
    *,
    unfinished: bool,
) -> Term:
    """An unfinished word that nothing has is taken for the beginning of one."""
    wanted = phrase(word)
    ids = _ids(db, columns + wanted, allowed)
    if unfinished and not len(ids) and len(word) > 1:
        wanted = phrase(word, prefix=True)
        ids = _ids(db, columns + wanted, allowed)
    match = columns + wanted
    cut_off = allowed is None and len(ids) == _LOOKED_AT
    known = _count(db, match) if cut_off or allowed is not None else len(ids)
    return Term(word, wanted, match, ids, math.log(1 + last_id / (known + 0.5)), whole=not cut_off)


def _with_fair_weights(terms: Sequence[Term]) -> list[Term]:
    """A word that nothing has weighs as much as the others do, lest a slip hide what is there."""
    known = [term.weight for term in terms if len(term.ids)]
    usual = sum(known) / len(known) if known else 1.0
    return [term if len(term.ids) else replace(term, weight=usual) for term in terms]


def _ids(db: sqlite3.Connection, match: str, allowed: Mask | None) -> Ids:
    limit = _LOOKED_AT if allowed is None else -1
    found = ids_from(
        db, "select rowid from words where words match ? order by rowid desc limit ?", match, limit
    )
    if allowed is None:
        return found
    found = found[found < len(allowed)]
    return found[allowed[found]]


def _count(db: sqlite3.Connection, match: str) -> int:
    sql = "select count(*) from (select 1 from words where words match ? limit ?)"
    return int(db.execute(sql, (match, _SCANNED)).fetchone()[0])


def ids_from(db: sqlite3.Connection, sql: str, *parameters: object) -> Ids:
    """The ids that a query yields, ascending. As one string: three times quicker than as rows."""
    one = f"with found(id) as ({sql}) select group_concat(id) from found"
    text = db.execute(one, parameters).fetchone()[0]
    return np.sort(np.fromstring(text or "", dtype=np.int64, sep=","))


def _with_all(db: sqlite3.Connection, terms: Sequence[Term], allowed: Mask | None) -> list[Ids]:
    """Assets with all words, where some words were too common to look at all their assets."""
    if len(terms) < 2 or all(len(term.ids) < _LOOKED_AT for term in terms):
        return []
    return [_ids(db, " AND ".join(term.match for term in terms), allowed)]


def _largest(values: NDArray[np.float64], count: int) -> Ids:
    """Positions of the largest values above 0; of equals the last, which are the newest."""
    found = np.flatnonzero(values)
    if len(found) <= count:
        return found
    order = np.lexsort((found, values[found]))
    return np.sort(found[order[-count:]])


def _scored(
    db: sqlite3.Connection, terms: Sequence[Term], ids: Ids, coverage: NDArray[np.float64]
) -> WordHits:
    rows = db.execute(
        f"""select rowid, -bm25(words, {", ".join(map(str, COLUMNS.values()))}) from words
            where words match ? and +rowid in (select value from json_each(?))
            order by 2 desc, rowid desc""",
        (" OR ".join(t.match for t in _affordable(terms)), json.dumps(ids.tolist())),
    ).fetchall()
    found = np.array([row[0] for row in rows], np.int64)
    scores = np.array([row[1] for row in rows])
    others = np.setdiff1d(np.flatnonzero(coverage >= _SURELY), found)
    found = np.concatenate([found, others[::-1]])
    return WordHits(found, np.pad(scores, (0, len(others))), coverage[found], terms)


def _affordable(terms: Sequence[Term]) -> list[Term]:
    """The rarest words, as long as their entries together are not too many to pass over."""
    kept: list[Term] = []
    entries = 0
    for term in sorted(terms, key=lambda term: -term.weight):
        entries += len(term.ids)
        if not kept or entries <= _SCANNED:
            kept.append(term)
    return kept
