"""Search by meaning: exact, over one matrix in memory that is kept in step with the library.

Vectors of different spaces never mix. While a new model works through the library, the space that
is complete keeps serving.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from albums.library.database import Library

Ids = NDArray[np.int64]
Vector = NDArray[np.float32]

_CHUNK = 20_000  # vectors read at once
_GATHER = 0.05  # below this share of the rows it is quicker to copy them than to score them all
_SAMPLE = 2_000  # rows that stand for the library
_PATIENCE = 1.0  # seconds between two looks for vectors that were deleted


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of one space as they were at one moment. Never changes.

    `matrix`: float32 (rows, dims). `ids`: the asset of each row. `row_of`: the row of each asset
    id, -1 where it has none. A row that was replaced or deleted stays, and nobody points to it.
    """

    matrix: NDArray[np.float32]
    ids: Ids
    row_of: Ids
    live: int
    last: int  # the highest `embeddings.seq` that is in here

    def scores(
        self, vector: Vector, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        """Cosine of every allowed asset (a mask by asset id; None: all): ids and scores."""
        rows = self._rows(allowed)
        if not self.live or (rows is not None and not len(rows)):
            return self.ids[:0], np.empty(0, np.float32)
        if rows is None:
            return self.ids, _cosines(self.matrix, vector)
        if len(rows) < len(self.ids) * _GATHER:
            return self.ids[rows], _cosines(self.matrix[rows], vector)
        return self.ids[rows], _cosines(self.matrix, vector)[rows]

    def background(self, vector: Vector) -> NDArray[np.float32]:
        """Cosines of a sample of the library: what `vector` is like to photos of anything."""
        step = max(1, len(self.ids) // _SAMPLE)
        return _cosines(self.matrix[::step], vector) if self.live else np.empty(0, np.float32)

    def vector_of(self, asset_id: int) -> Vector | None:
        row = self.row_of[asset_id] if asset_id < len(self.row_of) else -1
        return None if row < 0 else self.matrix[row]

    def _rows(self, allowed: NDArray[np.bool_] | None) -> Ids | None:
        """None stands for all rows."""
        if allowed is None and self.live == len(self.ids):
            return None
        rows = self.row_of if allowed is None else self.row_of[: len(allowed)][
            allowed[: len(self.row_of)]
        ]  # fmt: skip
        return rows[rows >= 0]


def _cosines(matrix: NDArray[np.float32], vector: Vector) -> NDArray[np.float32]:
    # One dot product a row in one thread: three times quicker here than BLAS's matrix-vector
    # product, and on a busy machine BLAS's threads wait for each other.
    cosines: NDArray[np.float32] = np.vecdot(matrix, vector)
    return cosines


_NONE = Vectors(np.empty((0, 0), np.float32), np.empty(0, np.int64), np.empty(0, np.int64), 0, 0)


class MeaningIndex:
    """The vectors of every space that is asked for, loaded at first use.

    One thread at a time brings them up to date; the others go on with what there is.
    """

    def __init__(self, library: Library, *, patience: float = _PATIENCE) -> None:
        self._library = library
        self._patience = patience
        self._spaces: dict[str, _Space] = {}
        self._lock = threading.Lock()
        self._serving: tuple[str, str, float] = ("", "", 0.0)  # chosen, serving, until

    def vectors(self, space: str) -> Vectors:
        """The vectors of `space`: all that are committed, less what is just being read."""
        with self._lock:
            held = self._spaces.setdefault(space, _Space(space))
        return held.up_to_date(self._library, self._patience)

    def best_space(self, chosen: str) -> str:
        """`chosen`, or the space before it as long as assets wait for their vector in `chosen`."""
        asked, serving, until = self._serving
        if asked != chosen or time.monotonic() >= until:
            older = self._older_space(chosen)
            serving = older or chosen
            until = time.monotonic() + self._patience if older else float("inf")
            self._serving = (chosen, serving, until)
        return serving

    def _older_space(self, chosen: str) -> str | None:
        with self._library.read() as db:
            row = db.execute(
                """select space, count(*) as assets from embeddings
                   where space != ? group by space order by assets desc, max(seq) desc limit 1""",
                (chosen,),
            ).fetchone()
            if row is None:
                return None
            waiting = db.execute(
                """select 1 from embeddings as old
                   where space = ? and not exists (
                       select 1 from embeddings
                       where asset_id = old.asset_id and space = ?)
                   and exists (
                       select 1 from work where step = 'embed' and asset_id = old.asset_id
                       and state in ('open', 'waiting')) limit 1""",
                (row["space"], chosen),
            ).fetchone()
        return row["space"] if waiting else None

    def forget_other_spaces(self, chosen: str) -> int:
        """Delete the vectors of models before `chosen`, once it serves. Returns how many."""
        if self.best_space(chosen) != chosen:
            return 0
        with self._library.write(durable=False) as db:
            return db.execute("delete from embeddings where space != ?", (chosen,)).rowcount


class _Space:
    """Grows one Vectors after the other. Buffers have room to spare, so that most growth copies
    only what is new; what is already handed out is never written to."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._now = _NONE
        self._buffer = np.empty((0, 0), np.float32)
        self._looked = 0.0
        self._lock = threading.Lock()

    def up_to_date(self, library: Library, patience: float) -> Vectors:
        loaded = self._now is not _NONE
        if self._lock.acquire(blocking=not loaded):
            try:
                self._now = self._read_new(library, self._now)
                if time.monotonic() - self._looked >= patience:
                    self._now = self._without_deleted(library, self._now)
                    self._looked = time.monotonic()
            finally:
                self._lock.release()
        return self._now

    def _read_new(self, library: Library, now: Vectors) -> Vectors:
        while True:
            with library.read() as db:
                rows = db.execute(
                    """select seq, asset_id, vector from embeddings
                       where seq > ? and space = ? order by seq limit ?""",
                    (now.last, self._name, _CHUNK),
                ).fetchall()
            if not rows:
                return now
            fresh = np.frombuffer(b"".join(row[2] for row in rows), "<f2").reshape(len(rows), -1)
            ids = np.array([row[1] for row in rows], np.int64)
            now = self._with(now, ids, fresh.astype(np.float32), int(rows[-1][0]))

    def _with(self, now: Vectors, ids: Ids, fresh: NDArray[np.float32], last: int) -> Vectors:
        first, count = len(now.ids), len(now.ids) + len(ids)
        if count > len(self._buffer):
            grown = np.empty((max(count, len(self._buffer) * 3 // 2), fresh.shape[1]), np.float32)
            grown[:first] = now.matrix if first else grown[:0]
            self._buffer = grown
        self._buffer[first:count] = fresh
        row_of = np.full(max(len(now.row_of), int(ids.max()) + 1), -1, np.int64)
        row_of[: len(now.row_of)] = now.row_of
        row_of[ids] = np.arange(first, count)
        live = int(np.count_nonzero(row_of >= 0))
        return Vectors(self._buffer[:count], np.concatenate([now.ids, ids]), row_of, live, last)

    def _without_deleted(self, library: Library, now: Vectors) -> Vectors:
        with library.read() as db:
            known = db.execute(
                "select count(*) from embeddings where space = ? and seq <= ?",
                (self._name, now.last),
            ).fetchone()[0]
            if known >= now.live:
                return now
            rows = db.execute("select asset_id from embeddings where space = ?", (self._name,))
            kept = np.zeros(len(now.row_of), np.bool_)
            held = np.array([row[0] for row in rows], np.int64)
        kept[held[held < len(kept)]] = True
        row_of = np.where(kept, now.row_of, -1)
        return replace(now, row_of=row_of, live=int(np.count_nonzero(row_of >= 0)))


class TextVectors:
    """Turns sentences into vectors, and remembers the last ones: `embed(space, sentence)`."""

    def __init__(self, embed: Callable[[str, str], Vector], size: int = 512) -> None:
        self._embed = embed
        self._size = size
        self._known: dict[tuple[str, str], Vector] = {}
        self._lock = threading.Lock()

    def __call__(self, space: str, sentence: str) -> Vector:
        """A unit vector of `space`. Raises what the embedder raises, such as ModelMissing."""
        key = (space, sentence)
        with self._lock:
            known = self._known.pop(key, None)
        vector = self._embed(space, sentence) if known is None else known
        with self._lock:
            self._known[key] = vector
            while len(self._known) > self._size:
                del self._known[next(iter(self._known))]
        return vector
