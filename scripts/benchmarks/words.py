"""BM25 by SQLite's FTS5, by albums.search.words on top of it, and by rank-bm25: the same texts.

`python -m scripts.benchmarks.words 20000 100000`
"""

from __future__ import annotations

import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from rank_bm25 import BM25Okapi

from albums.ingest.steps.words import COLUMNS
from albums.search.query import Query
from albums.search.words import search_words
from scripts.benchmarks.library import COMMON, captions

T = TypeVar("T")
_TOP = 50
_REPEATS = 7
# By how common they are: the photo words begin after the forty that every sentence has.
_QUERIES = {
    "1 common word": COMMON[40:41],
    "3 common words": COMMON[40:43],
    "6 words": COMMON[40:43] + COMMON[-3:],
}


@dataclass(frozen=True)
class Comparison:
    """Medians in milliseconds for one query; `build` in seconds, `memory` in MB."""

    engine: str
    assets: int
    build: float
    memory: float
    times: dict[str, float]


def compare(count: int) -> list[Comparison]:
    """The three engines on `count` captions."""
    texts = list(captions(count))
    db, fts_build = _timed(lambda: _fts5(texts))
    before = _resident()
    split = [text.split() for text in texts]
    okapi, okapi_build = _timed(lambda: BM25Okapi(split))
    grown = _resident() - before
    pages = db.execute("pragma page_count").fetchone()[0] * 4096 / 1e6
    return [
        Comparison("FTS5, all words OR", count, fts_build, pages, _each(lambda w: _plain(db, w))),
        Comparison(
            "FTS5, albums.search.words", count, fts_build, pages,
            _each(lambda words: search_words(db, Query(tuple(words)))),
        ),
        Comparison("rank-bm25", count, okapi_build, grown, _each(lambda w: _okapi(okapi, w))),
    ]  # fmt: skip


def _fts5(texts: Sequence[str]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute(
        f"""create virtual table words using fts5(
            {", ".join(COLUMNS)}, tokenize = "porter unicode61 remove_diacritics 2")"""
    )
    db.executemany("insert into words (rowid, caption) values (?, ?)", enumerate(texts, 1))
    return db


def _plain(db: sqlite3.Connection, words: Sequence[str]) -> None:
    sql = "select rowid, rank from words where words match ? order by rank limit ?"
    db.execute(sql, (" OR ".join(words), _TOP)).fetchall()


def _okapi(okapi: BM25Okapi, words: Sequence[str]) -> None:
    scores = okapi.get_scores(list(words))
    np.argpartition(-scores, _TOP)[:_TOP]


def _each(search: Callable[[Sequence[str]], object]) -> dict[str, float]:
    medians = {}
    for name, words in _QUERIES.items():
        seconds = [_timed(partial(search, words))[1] for _ in range(_REPEATS)]
        medians[name] = statistics.median(seconds) * 1000
    return medians


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["20000", "100000"]):
        for row in compare(size):
            times = ", ".join(f"{name} {ms:.2f} ms" for name, ms in row.times.items())
            print(
                f"{row.assets:>7,} {row.engine:26} build {row.build:5.1f} s, "
                f"{row.memory:4.0f} MB; {times}"
            )
