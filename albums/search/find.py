"""The one way to read: `find()` answers timeline, collection, person, place and search alike."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from albums.errors import BadInput, ModelMissing
from albums.library.assets import asset_by_sha
from albums.library.database import Library
from albums.search import blend
from albums.search.by_hand import ids_by_hand
from albums.search.conditions import allowed, narrows, where
from albums.search.filters.filter import Where
from albums.search.in_documents import found_pages, phrases_in
from albums.search.meaning import MeaningIndex, TextVectors, Vector, Vectors
from albums.search.order import place_in_shuffle, shuffled
from albums.search.query import Chip, Query
from albums.search.rows import rows_of
from albums.search.words import Mask, WordHits, search_words

MAX_LIMIT = 1000
_MANY = 50_000  # assets of a list


@dataclass(frozen=True)
class Meaning:
    """What search by meaning needs. `embed` is only called for free text."""

    index: MeaningIndex
    space: str  # of the chosen model
    embed: TextVectors


@dataclass(frozen=True)
class Page:
    """Which part of the results. `after` is the `next` of the page before."""

    limit: int = 60
    after: str | None = None
    weak: bool = False  # go on after the last good match
    total: int | None = None  # of all pages, where it is known already (`count`)


@dataclass(frozen=True)
class Results:
    """`total` counts all good matches (with `weak`, all that were ranked). `space`: whose vectors
    answered, if any; `note` says what could not be used. `took` is in milliseconds."""

    assets: list[dict[str, Any]]
    total: int
    next: str | None
    understood: list[Chip] = field(default_factory=list)
    space: str | None = None
    note: str = ""
    took: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"understood": [chip.as_json() for chip in self.understood]}


def find(
    library: Library, query: Query, page: Page | None = None, meaning: Meaning | None = None
) -> Results:
    """Free text: best match first. Otherwise newest first. `meaning` None: words only.

    Raises BadInput for a page that is not one, NotFound for an unknown `similar:`.
    """
    started = time.perf_counter()
    page = page or Page()
    if not 1 <= page.limit <= MAX_LIMIT:
        raise BadInput(f"limit is 1 to {MAX_LIMIT}, not {page.limit}")
    with library.read() as db:
        searching = searches(query)
        results = _search(db, query, page, meaning) if searching else _browse(db, query, page)
    took = round((time.perf_counter() - started) * 1000, 1)
    return replace(results, understood=query.understood(), took=took)


def searches(query: Query) -> bool:
    """Is there anything to rank by? Otherwise the order is that of time."""
    return bool(query.words or query.quotes or query.similar)


# --- newest first


def count(library: Library, query: Query) -> int:
    """How many assets a query finds that ranks nothing."""
    with library.read() as db:
        return _count(db, query)


def _count(db: sqlite3.Connection, query: Query) -> int:
    condition, values = where(query)
    # SQLite would read all rows, which are fat, for what stands in a narrow index.
    index = "indexed by assets_by_day" if query.empty else ""
    row = db.execute(f"select count(*) from assets {index} where {condition}", values).fetchone()
    return int(row[0])


def _browse(db: sqlite3.Connection, query: Query, page: Page) -> Results:
    condition, values = where(query)
    total = _count(db, query) if page.total is None else page.total
    pages = {"random": _shuffled, "hand": _by_hand}.get(query.sort or "", _by_day)
    ids, following = pages(db, query, (condition, values), replace(page, total=total))
    why = {"words": [], "meaning": None, "near": None, "filters": _narrowed_by(query)}
    written = phrases_in(query)
    assets = [
        row | {"score": None, "why": why | {"pages": found_pages(db, row, written)}}
        for row in rows_of(db, ids)
    ]
    return Results(assets, total, following)


def _by_day(
    db: sqlite3.Connection, query: Query, condition: Where, page: Page
) -> tuple[list[int], str | None]:
    """Ids of the page, and the mark after which the next begins."""
    oldest = query.sort == "oldest"
    # Of many the next few are soon met on the way through time; few are sooner gathered first.
    walks = (page.total or 0) >= _MANY and not query.asks_for("is", "trashed")
    assets = "assets indexed by assets_to_search" if walks else "assets"
    found = _in_order(db, condition, oldest, _keyset(page.after), page.limit + 1, assets)
    shown = found[: page.limit]
    following = None
    if len(found) > page.limit:
        utc, asset_id = shown[-1]
        following = f"t:{'' if utc is None else utc}:{asset_id}"
    return [asset_id for _, asset_id in shown], following


def _shuffled(
    db: sqlite3.Connection, query: Query, condition: Where, page: Page
) -> tuple[list[int], str | None]:
    """The same in the order of the shuffle."""
    found = db.execute(
        f"""select {shuffled(query.seed)} as place, id from assets
            where {condition[0]} and place > ? order by place limit ?""",
        [*condition[1], _number("r", page.after, -1), page.limit + 1],
    ).fetchall()
    shown = found[: page.limit]
    following = f"r:{shown[-1]['place']}" if len(found) > page.limit else None
    return [row["id"] for row in shown], following


def _by_hand(
    db: sqlite3.Connection, query: Query, condition: Where, page: Page
) -> tuple[list[int], str | None]:
    """The same in the order by hand."""
    first = _offset(page.after)
    found = ids_by_hand(db, query, condition, page.limit + 1, first)
    following = f"o:{first + page.limit}" if len(found) > page.limit else None
    return found[: page.limit], following


def _in_order(
    db: sqlite3.Connection,
    condition: tuple[str, list[object]],
    oldest: bool,
    after: tuple[int | None, int] | None,
    limit: int,
    assets: str = "assets",
) -> list[tuple[int | None, int]]:
    """(captured_utc, id) of the next assets: those with a date first, then those without."""
    sign, direction = (">", "asc") if oldest else ("<", "desc")
    select = f"select captured_utc, id from {assets} where {condition[0]}"
    found: list[tuple[int | None, int]] = []
    if after is None or after[0] is not None:
        beyond = f"and (captured_utc, id) {sign} (?, ?)" if after else ""
        found += db.execute(
            f"""{select} and captured_utc is not null {beyond}
                order by captured_utc {direction}, id {direction} limit ?""",
            [*condition[1], *(after or ()), limit],
        )
    if len(found) < limit:
        undated = after is not None and after[0] is None
        found += db.execute(
            f"""{select} and captured_utc is null {f"and id {sign} ?" if undated else ""}
                order by id {direction} limit ?""",
            [*condition[1], *([after[1]] if after and undated else []), limit - len(found)],
        )
    return [(row[0], row[1]) for row in found]


def _keyset(after: str | None) -> tuple[int | None, int] | None:
    if after is None:
        return None
    try:
        mark, utc, asset_id = after.split(":")
        if mark != "t" or max(len(utc), len(asset_id)) > 18:
            raise ValueError(after)
        return (int(utc) if utc else None), int(asset_id)
    except ValueError as error:
        raise _bad_page(after) from error


def _bad_page(after: str) -> BadInput:
    return BadInput(
        f"after={after!r} is not a place in these results",
        hint="Use the `next` of the page before, with the same query",
    )


# --- best first


def _search(db: sqlite3.Connection, query: Query, page: Page, meaning: Meaning | None) -> Results:
    ranking = rank(db, query, meaning, weak=page.weak)
    first = _offset(page.after)
    shown = ranking.ids[first : first + page.limit].tolist()
    last = first + page.limit
    assets = [row | ranking.why(db, query, row) for row in rows_of(db, shown)]
    following = f"o:{last}" if last < len(ranking.ids) else None
    return Results(
        assets, len(ranking.ids), following, space=ranking.near.space, note=ranking.near.note
    )


@dataclass(frozen=True)
class Ranking:
    """Which assets a search shows, in which order. `best`: of each top of a stack, the one under
    it that was found."""

    ids: NDArray[np.int64]
    ranked: blend.Ranked
    hits: WordHits
    near: _Near
    best: dict[int, int]

    def why(self, db: sqlite3.Connection, query: Query, row: dict[str, Any]) -> dict[str, Any]:
        """`score` and `why` of one of the shown assets, a row of `rows_of`."""
        found = self.best.get(row["id"], row["id"])
        score = float(self.ranked.scores[self.ranked.ids == found][0])
        written = [*(term.phrase for term in self.hits.terms), *phrases_in(query)]
        return {
            "score": round(score, 4),
            "why": self.near.why(found) | {
                "words": self.hits.words_of(db, found), "filters": _narrowed_by(query),
                "pages": found_pages(db, row, written),
            },
        }  # fmt: skip


def rank(
    db: sqlite3.Connection, query: Query, meaning: Meaning | None, *, weak: bool = False
) -> Ranking:
    """All that a search shows; with `weak` also what comes after the last good match."""
    mask = allowed(db, query)
    hits = search_words(db, query, mask)
    near = _Near.to(db, query, meaning, mask)
    ranked = blend.fused(near.ids, near.z, hits)
    ids = ranked.ids if weak else ranked.ids[: ranked.good]
    best = {} if narrows(query) else _under(db, ids)
    if best:
        ids, best = _each_stack_once(db, query, ids, best)
    if query.sort in ("newest", "oldest"):
        ids = _by_time(db, ids, query.sort)
    elif query.sort == "hand":
        values: list[object] = [json.dumps(ids.tolist())]
        these = ("assets.id in (select value from json_each(?))", values)
        ids = np.array(ids_by_hand(db, query, these), np.int64)
    elif query.sort == "random":
        ids = np.array(sorted(ids.tolist(), key=partial(place_in_shuffle, query.seed)), np.int64)
    return Ranking(ids, ranked, hits, near, best)


def _under(db: sqlite3.Connection, ids: NDArray[np.int64]) -> dict[int, int]:
    """Of these assets, those that lie under another in a stack, each with its top."""
    if not db.execute("select 1 from assets where top_id is not null limit 1").fetchone():
        return {}
    rows = db.execute(
        """select id, top_id from assets indexed by assets_tops
           where id in (select value from json_each(?)) and top_id is not null""",
        (json.dumps(ids.tolist()),),
    )
    return {row[0]: row[1] for row in rows}


def _each_stack_once(
    db: sqlite3.Connection, query: Query, ids: NDArray[np.int64], under: dict[int, int]
) -> tuple[NDArray[np.int64], dict[int, int]]:
    """The tops, each where the best of its stack was, and which one that is. What is looked like
    does not find its own stack."""
    best: dict[int, int] = {}
    for asset_id in ids.tolist():
        best.setdefault(under.get(asset_id, asset_id), asset_id)
    if query.similar:
        itself = asset_by_sha(db, query.similar).id
        best.pop(_under(db, np.array([itself])).get(itself, itself), None)
    return np.array(list(best), np.int64), best


@dataclass(frozen=True)
class _Near:
    """How near in meaning the allowed assets are."""

    ids: NDArray[np.int64]
    cosines: NDArray[np.float32]
    z: NDArray[np.float64]
    space: str | None = None
    note: str = ""

    @classmethod
    def to(
        cls, db: sqlite3.Connection, query: Query, meaning: Meaning | None, mask: Mask | None
    ) -> _Near:
        nobody = cls(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0))
        if meaning is None:
            return nobody
        space = meaning.index.best_space(meaning.space)
        vectors = meaning.index.vectors(space)
        try:
            vector, itself = _vector(db, query, meaning, space, vectors)
        except ModelMissing as error:
            return replace(nobody, note=f"Searched by words only. {error}")
        if vector is None:
            return replace(nobody, note="This asset has no vector yet" if query.similar else "")
        ids, cosines = vectors.scores(vector, mask)
        if itself is not None:
            others = ids != itself
            ids, cosines = ids[others], cosines[others]
        return cls(ids, cosines, blend.standardised(cosines, vectors.background(vector)), space)

    def why(self, asset_id: int) -> dict[str, Any]:
        at = np.flatnonzero(self.ids == asset_id)
        if not len(at):
            return {"meaning": None, "near": None}
        cosine, z = float(self.cosines[at[-1]]), float(self.z[at[-1]])
        return {"meaning": round(cosine, 4), "near": blend.near(z)}


def _vector(
    db: sqlite3.Connection, query: Query, meaning: Meaning, space: str, vectors: Vectors
) -> tuple[Vector | None, int | None]:
    """What is looked for, and the asset that it comes from, if it does."""
    if query.similar:
        asset_id = asset_by_sha(db, query.similar).id
        return vectors.vector_of(asset_id), asset_id
    if not vectors.live:
        return None, None
    return meaning.embed(space, query.sentence), None


def _by_time(db: sqlite3.Connection, ids: NDArray[np.int64], sort: str) -> NDArray[np.int64]:
    direction = "asc" if sort == "oldest" else "desc"
    rows = db.execute(
        f"""select id from assets where id in (select value from json_each(?))
            order by captured_utc is null, captured_utc {direction}, id {direction}""",
        (json.dumps(ids.tolist()),),
    )
    return np.array([row[0] for row in rows], np.int64)


def _offset(after: str | None) -> int:
    return _number("o", after, 0)


def _number(mark: str, after: str | None, first: int) -> int:
    """The number in "mark:number"; `first` for the first page. Raises BadInput."""
    if after is None:
        return first
    said, _, number = after.partition(":")
    if said != mark or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise _bad_page(after)
    return int(number)


def _narrowed_by(query: Query) -> list[str]:
    return [chip.words for chip in query.understood() if chip.applied and chip.key != "sort"]
