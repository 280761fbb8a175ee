"""A library with rows, words and vectors, but no files."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.embed import EmbedStep
from albums.ingest.steps.moving import MovingStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.words import WordsStep, texts_of, write_texts
from albums.library.database import Library
from albums.library.tags import replace_tags
from albums.search.dates import Moment
from albums.search.find import Meaning, Page, Results, find
from albums.search.meaning import MeaningIndex, TextVectors
from albums.search.query import parse

SPACE = "test-space"
DIMS = 16
_STEPS = (
    PlaceStep(), PicturesStep(), EmbedStep(), WordsStep(), MovingStep(), CompanionsStep()
)  # fmt: skip
NOW = Moment(date(2026, 6, 15))


def unit(values: Sequence[float] | NDArray[np.float32]) -> NDArray[np.float32]:
    vector = np.asarray(values, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


@dataclass
class Shelves:
    """Puts assets into a library and asks it questions."""

    library: Library
    index: MeaningIndex
    sentences: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(
        self,
        caption: str = "",
        *,
        tags: Sequence[str] = (),
        at: str | None = "2024-05-12T10:00:00+00:00",
        place: tuple[str, str, str, str] | None = None,
        vector: NDArray[np.float32] | None = None,
        **columns: Any,
    ) -> int:
        """A new asset; returns its id. `place`: city, region, country, country code."""
        with self.library.write(durable=False) as db:
            asset_id = _insert(db, at, columns)
            if caption:
                db.execute(
                    """insert into captions (asset_id, author, title, description, written_at)
                       values (?, 'model', '', ?, '2026-01-01')""",
                    (asset_id, caption),
                )
            replace_tags(db, asset_id, "person", [(tag, 1.0) for tag in tags])
            if place:
                db.execute(
                    """insert into places (asset_id, city, region, country, country_code)
                       values (?, ?, ?, ?, ?)""",
                    (asset_id, *place),
                )
            if vector is not None:
                self.embed(db, asset_id, vector)
        self.index_words(asset_id)
        return asset_id

    def index_words(self, asset_id: int) -> None:
        with self.library.write(durable=False) as db:
            write_texts(db, asset_id, texts_of(db, [asset_id])[asset_id])

    def embed(
        self,
        db: sqlite3.Connection,
        asset_id: int,
        vector: NDArray[np.float32],
        space: str = SPACE,
    ) -> None:
        db.execute(
            "insert or replace into embeddings (asset_id, space, vector) values (?, ?, ?)",
            (asset_id, space, vector.astype("<f2").tobytes()),
        )

    def run(self, sql: str, *parameters: object) -> None:
        with self.library.write(durable=False) as db:
            db.execute(sql, parameters)

    def meaning(self, space: str = SPACE) -> Meaning:
        def embed(in_space: str, sentence: str) -> NDArray[np.float32]:
            self.asked.append(sentence)
            return self.sentences[sentence]

        return Meaning(self.index, space, TextVectors(embed))

    def find(self, text: str, page: Page | None = None, *, by_meaning: bool = False) -> Results:
        return find(self.library, parse(text, NOW), page, self.meaning() if by_meaning else None)

    def ids(self, text: str, page: Page | None = None, *, by_meaning: bool = False) -> list[int]:
        return [row["id"] for row in self.find(text, page, by_meaning=by_meaning).assets]


def _insert(db: sqlite3.Connection, at: str | None, columns: dict[str, Any]) -> int:
    number = db.execute("select coalesce(max(id), 0) + 1 from assets").fetchone()[0]
    row = {
        "id": number,
        "sha": hashlib.sha256(str(number).encode()).hexdigest(),
        "name": f"{number}.jpg",
        "folder": "",
        "extension": ".jpg",
        "mime": "image/jpeg",
        "kind": "photo",
        "size": 1,
        "source": "test",
        "origin": "test://",
        "received_at": "2026-01-01T00:00:00+00:00",
        "captured_at": at,
        "captured_utc": at and int(datetime.fromisoformat(at).timestamp()),
        "day": at and at[:10],
        "width": 4,
        "height": 3,
    } | columns
    names = ", ".join(row)
    db.execute(
        f"insert into assets ({names}) values ({', '.join('?' * len(row))})", list(row.values())
    )
    return int(number)


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Shelves]:
    library = Library(tmp_path / "albums.db")
    with library.write() as db:
        for step in _STEPS:
            step.prepare(db)
    yield Shelves(library, MeaningIndex(library, patience=0.0))
    library.close()
