"""The index of words: all that is known of an asset in words, for BM25.

`words` is an FTS5 table (rowid = asset id) that search/words.py asks; `words_size` holds how many
terms of it an asset has.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial

from albums.ingest.step import Done, Lane, Outcome, Tools
from albums.library.assets import Asset
from albums.library.texts import WRITINGS, make_tables, written_on

# `labels` holds what the embedder itself says. In a sentence that would count twice, as words and
# as meaning, so search can leave the column out.
COLUMNS = ("caption", "tags", "name", "place", "people", "gear", "text", "labels")
_TERM = re.compile(r"[^\W_]+")
# "LisbonTrip2" -> Lisbon, Trip, 2
_INSIDE_A_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class WordsStep:
    """Needs little and is done again whenever something new is known of an asset."""

    name = "words"
    lane: Lane = "io"
    batch = 256
    needs: tuple[str, ...] = ("facts",)
    follows: tuple[str, ...] = ("place", "pages", "ocr", "embed", "look", "caption")

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute(f"""
            create virtual table if not exists words using fts5(
                {", ".join(COLUMNS)}, tokenize = "porter unicode61 remove_diacritics 2")""")
        db.execute("""
            create table if not exists words_size (
                asset_id integer primary key references assets on delete cascade,
                terms integer not null)""")
        db.execute("""
            create trigger if not exists words_gone after delete on assets
            begin delete from words where rowid = old.id; end""")  # FTS5 has no foreign keys
        for writing in WRITINGS:
            make_tables(db, writing)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        with tools.library.read() as db:
            known = texts_of(db, [asset.id for asset in assets])
        return [
            Done(partial(write_texts, asset_id=asset.id, texts=known[asset.id])) for asset in assets
        ]


def texts_of(db: sqlite3.Connection, asset_ids: Sequence[int]) -> dict[int, list[str]]:
    """For each asset one text a column of the index."""
    rows = db.execute(_KNOWN, (json.dumps(list(asset_ids)),)).fetchall()
    written = written_on(db, asset_ids)
    return {row["id"]: list(_columns(row, written.get(row["id"], ""))) for row in rows}


_BY_LABELS = "engine = 'template'"  # a caption that only repeats the labels
_KNOWN = f"""
    with by_labels(id) as (
        select asset_id from captions where author = 'model' and {_BY_LABELS}),
    own(id, tag) as (
        select distinct asset_id, tag from tags where source in ('person', 'file', 'look')
        or (source = 'caption' and asset_id not in by_labels))
    select assets.*, places.city, places.region, places.country,
        (select title || '. ' || description from captions
         where asset_id = assets.id and not (author = 'model' and {_BY_LABELS})
         order by author desc limit 1) as caption, -- the person's where there is one
        (select title || '. ' || description from captions
         where asset_id = assets.id and author = 'model' and {_BY_LABELS}) as template,
        (select group_concat(tag, ', ') from own where id = assets.id) as tags,
        (select group_concat(name, ', ') from (
            select distinct who.value as name from claims, json_each(claims.value) as who
            where asset_id = assets.id and field = 'people' order by name)) as people,
        (select group_concat(claims.value ->> '$', ' ') from claims
         where asset_id = assets.id and field = 'author') as authors, -- of a document
        (select group_concat(distinct tag) from tags where asset_id = assets.id
         and tag not in (select tag from own where id = assets.id)) as labels
    from assets left join places on places.asset_id = assets.id
    where assets.id in (select value from json_each(?))"""


def _columns(row: sqlite3.Row, written: str) -> Iterator[str]:
    """In the order of COLUMNS."""
    caption = row["caption"] or ""
    own = [text for text in (row["title"], row["description"]) if text and text not in caption]
    yield _joined(caption, *own)
    yield _joined(row["tags"])
    stem = row["name"].rsplit(".", 1)[0]
    yield _joined(stem, _split(stem), row["folder"], _split(row["folder"]))
    yield _joined(row["city"], row["region"], row["country"])
    yield _joined(row["people"])
    yield _joined(*dict.fromkeys([row["camera"], row["make"], row["lens"]]))
    yield _joined(row["authors"], written)
    yield _joined(row["template"], row["labels"])


def _joined(*texts: str | None) -> str:
    return " ".join(text for text in texts if text)


def _split(name: str) -> str:
    """The words inside a name, where there are more than its spelling shows."""
    split = _INSIDE_A_NAME.sub(" ", name)
    return split if split != name else ""


def write_texts(db: sqlite3.Connection, asset_id: int, texts: Sequence[str]) -> None:
    """Replace what the index knows of an asset; `texts` are in the order of COLUMNS."""
    names = ", ".join(COLUMNS)
    known = db.execute(
        f"""select {names} from words join words_size on words_size.asset_id = words.rowid
            where words.rowid = ?""",
        (asset_id,),
    ).fetchone()
    if known and list(known) == list(texts):
        return  # a thick document takes seconds to index
    db.execute("delete from words where rowid = ?", (asset_id,))
    db.execute(
        f"insert into words (rowid, {names}) values (?{', ?' * len(COLUMNS)})", (asset_id, *texts)
    )
    db.execute(
        "insert or replace into words_size (asset_id, terms) values (?, ?)",
        (asset_id, sum(len(_TERM.findall(text)) for text in texts)),
    )
