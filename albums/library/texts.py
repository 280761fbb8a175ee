"""What is written on assets, page by page: the text of documents, and text read in pictures.

Each of the two has tables of its own, as one step fills them. A picture has one page.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Writing = Literal["document", "ocr"]
WRITINGS: tuple[Writing, ...] = ("document", "ocr")
OPEN, CLOSE = "\x02", "\x03"  # around what was looked for; no text holds them


@dataclass(frozen=True)
class Line:
    """Text that stands together. `box`: left, top, right, bottom, as fractions of the page's width
    and height; None where only the order is known. `sure`: 0..1. `turn`: by how many quarters to
    the left the page is to be turned until this stands upright."""

    text: str
    box: tuple[float, float, float, float] | None = None
    sure: float = 1.0
    turn: int = 0


@dataclass(frozen=True)
class Page:
    """One page, counted from 1."""

    number: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def make_tables(db: sqlite3.Connection, writing: Writing) -> None:
    db.execute(f"""
        create table if not exists {writing}_pages (
            id integer primary key,
            asset_id integer not null references assets on delete cascade,
            page integer not null,             -- from 1
            text text not null,
            lines text not null,               -- JSON: [[text, box or null, sure], ...]
            unique (asset_id, page)
        )""")
    db.execute(f"""
        create virtual table if not exists {writing}_words using fts5(
            text, content = '{writing}_pages', content_rowid = 'id',
            tokenize = "porter unicode61 remove_diacritics 2")""")
    gone = "values ('delete', old.id, old.text)"  # as FTS5 wants it where the text lies elsewhere
    db.execute(f"""
        create trigger if not exists {writing}_pages_gone after delete on {writing}_pages begin
            insert into {writing}_words ({writing}_words, rowid, text) {gone}; end""")
    db.execute(f"""
        create trigger if not exists {writing}_pages_come after insert on {writing}_pages begin
            insert into {writing}_words (rowid, text) values (new.id, new.text); end""")


def replace_pages(
    db: sqlite3.Connection, asset_id: int, writing: Writing, pages: Iterable[Page]
) -> None:
    """These pages and no others are written on the asset."""
    db.execute(f"delete from {writing}_pages where asset_id = ?", (asset_id,))
    db.executemany(
        f"insert into {writing}_pages (asset_id, page, text, lines) values (?, ?, ?, ?)",
        [
            (asset_id, page.number, page.text, _spelt_out(page))
            for page in sorted(pages, key=lambda page: page.number)  # `_scored` relies on it
        ],
    )


def pages_of(
    db: sqlite3.Connection, asset_id: int, first: int = 1, most: int = 1_000_000
) -> list[Page]:
    """Pages with text, in order, at most so many from number `first` on; a document's own text
    before what was read in its pictures."""
    rows = (
        row
        for writing in WRITINGS
        for row in db.execute(
            f"""select page, lines from {writing}_pages where asset_id = ? and page >= ?
                order by page limit ?""",
            (asset_id, first, most),
        )
    )
    return sorted((_page(row) for row in rows), key=lambda page: page.number)[:most]


def page_of(db: sqlite3.Connection, asset_id: int, number: int) -> Page | None:
    """What is written on one page; a document's own text before what was read in its picture."""
    for writing in WRITINGS:
        row = db.execute(
            f"select page, lines from {writing}_pages where asset_id = ? and page = ?",
            (asset_id, number),
        ).fetchone()
        if row:
            return _page(row)
    return None


def highlighted(db: sqlite3.Connection, asset_id: int, number: int, match: str) -> str | None:
    """The text of `page_of` with what an FTS5 expression finds between OPEN and CLOSE; None where
    it finds nothing on that page."""
    for writing in WRITINGS:
        row = db.execute(
            f"select id from {writing}_pages where asset_id = ? and page = ?", (asset_id, number)
        ).fetchone()
        if row:
            found = db.execute(
                f"""select highlight({writing}_words, 0, ?, ?) from {writing}_words
                    where {writing}_words match ? and rowid = ?""",
                (OPEN, CLOSE, match, row["id"]),
            ).fetchone()
            return str(found[0]) if found else None
    return None


def written_on(db: sqlite3.Connection, asset_ids: Iterable[int]) -> dict[int, str]:
    """All text of each asset that has any, page after page."""
    either = " union all ".join(
        f"select asset_id, page, text from {writing}_pages where asset_id in ids"
        for writing in WRITINGS
    )
    rows = db.execute(
        f"""with ids(id) as (select value from json_each(?))
            select asset_id, text from ({either}) order by asset_id, page""",
        (json.dumps(list(asset_ids)),),
    )
    texts: dict[int, list[str]] = {}
    for row in rows:
        texts.setdefault(row["asset_id"], []).append(row["text"])
    return {asset_id: "\n".join(pages) for asset_id, pages in texts.items()}


def pages_with(
    db: sqlite3.Connection, asset_id: int, matches: Iterable[str], limit: int | None = None
) -> list[int]:
    """Numbers of the pages that some of these FTS5 expressions find, best first: those with the
    most of them, a rare one counting for more; of equals the first."""
    wanted = list(matches)
    scores: dict[int, float] = {}
    for writing in WRITINGS:
        for page, score in _scored(db, writing, asset_id, wanted, limit):
            scores[page] = max(score, scores.get(page, 0.0))
    return sorted(scores, key=lambda page: (-scores[page], page))[:limit]


def _scored(
    db: sqlite3.Connection, writing: Writing, asset_id: int, matches: list[str], limit: int | None
) -> list[tuple[int, float]]:
    """Pages and their scores, best first. The ids of an asset's pages ascend and lie together, so
    the index is not walked for all others, as bm25() would to weigh each word."""
    first, last = (
        db.execute(
            f"select id from {writing}_pages where asset_id = ? order by page {order} limit 1",
            (asset_id,),
        ).fetchone()
        for order in ("asc", "desc")
    )
    if first is None:
        return []
    scores = np.zeros(last["id"] - first["id"] + 1)
    for match in matches:
        found = _matching(db, writing, match, first["id"], last["id"])
        scores[found - first["id"]] += 1 + 1 / max(1, len(found))
    order = np.lexsort((np.arange(len(scores)), -scores))[:limit]
    score_of = {int(at) + first["id"]: float(scores[at]) for at in order if scores[at]}
    rows = db.execute(
        f"""select id, page from {writing}_pages
            where asset_id = ? and id in (select value from json_each(?))""",
        (asset_id, json.dumps(list(score_of))),
    )
    return [(row["page"], score_of[row["id"]]) for row in rows]


def _matching(
    db: sqlite3.Connection, writing: Writing, match: str, first: int, last: int
) -> NDArray[np.int64]:
    """Ids from `first` to `last` of the pages that an expression finds; quicker as one string."""
    text = db.execute(
        f"""select group_concat(id) from (select rowid as id from {writing}_words
            where {writing}_words match ? and rowid between ? and ?)""",
        (match, first, last),
    ).fetchone()[0]
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def _spelt_out(page: Page) -> str:
    rows = [[line.text, line.box, round(line.sure, 3), line.turn] for line in page.lines]
    return json.dumps(rows, ensure_ascii=False)


def _page(row: sqlite3.Row) -> Page:
    lines = json.loads(row["lines"])
    boxed = ((text, tuple(box) if box else None, *more) for text, box, *more in lines)
    return Page(row["page"], tuple(Line(*fields) for fields in boxed))
