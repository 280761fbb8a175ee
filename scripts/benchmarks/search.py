"""Figure 3: search end to end over HTTP, and PostgreSQL + pgvector with Immich's parameters beside
it: same vectors, same machine, same run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np

from scripts.benchmarks import postgres
from scripts.benchmarks.box import serving
from scripts.benchmarks.large import Large
from scripts.benchmarks.table import Row, spread

QUERIES = 60


def run(scratch: Path, large: Large, with_postgres: bool) -> list[Row]:
    """Rows for one size of library."""
    label = f"{large.count:,} assets"
    rows = []
    with (
        serving(large.folder, **large.environment) as box,
        box.client(300) as client,
    ):
        _ask(client, "warm up")
        new = [_ask(client, query) for query in large.queries[:QUERIES]]
        rows.append(Row(f"{label}, text encoding included", spread(new)))
        for share, condition in large.conditions.items():
            times = [_ask(client, f"{q} {condition}".strip()) for q in large.queries[:QUERIES]]
            aim = "aim: p95 at most 60 ms" if large.count == 100_000 else ""
            rows.append(Row(f"{label}, filter {share}, encoding apart", spread(times), aim))
        rows.append(Row(f"{label}, text encoding alone", spread(_encoding(new, client, large))))
    rows.append(Row(f"{label}, recall of the exact list", _exactness(large)))
    if with_postgres:
        rows += _postgres(scratch, large)
    return rows


def _ask(client: httpx.Client, query: str) -> float:
    begin = time.perf_counter()
    client.get("/api/v1/search", params={"q": query, "limit": 100}).raise_for_status()
    return (time.perf_counter() - begin) * 1000


def _encoding(new: Sequence[float], client: httpx.Client, large: Large) -> list[float]:
    """What a query costs more the first time: its text is encoded once, then remembered."""
    again = [_ask(client, query) for query in large.queries[:QUERIES]]
    return [max(0.0, first - second) for first, second in zip(new, again, strict=True)]


def _exactness(large: Large) -> str:
    """The served index against a product in float64 of the vectors as they were made."""
    from albums.library.database import Library
    from albums.search.meaning import MeaningIndex

    library = Library(large.folder / "albums.db")
    index = MeaningIndex(library).vectors(large.space)
    made = large.vectors()
    found, exact = [], []
    for vector in large.query_vectors(20):
        ids, scores = index.scores(vector, None)
        found.append(ids[np.argsort(-scores)[: postgres.LIMIT]].tolist())
        best = np.argsort(-(made @ vector))[: postgres.LIMIT]
        exact.append((best + 1).tolist())
    library.close()
    return f"{postgres.recall(found, exact):.4f}"


def _postgres(scratch: Path, large: Large) -> list[Row]:
    label = f"{large.count:,} assets, PostgreSQL + pgvector HNSW (m 16, ef_construction 300)"
    vectors, queries = large.vectors(), large.query_vectors(QUERIES)
    exact = [(np.argsort(-(vectors @ q))[: postgres.LIMIT]).tolist() for q in queries]
    rows = []
    with postgres.database(scratch / "postgres") as connection:
        seconds = postgres.load(connection, vectors, large.days())
        rows.append(Row(f"{label}: building the index", f"{seconds:.0f} s"))
        for ef in (40, 100, 200):
            connection.execute(f"set hnsw.ef_search = {ef}")
            times, found = postgres.ask(connection, queries)
            recall = postgres.recall(found, exact)
            rows.append(
                Row(
                    f"{label}: SQL alone, ef_search {ef}", spread(times), f"recall@100 {recall:.2f}"
                )
            )
        times, found = postgres.ask(connection, queries, since=large.since("1 %"))
        short = sum(len(f) for f in found) / len(found)
        rows.append(
            Row(f"{label}: SQL alone, 1 % filter, ef_search 200", spread(times),
                f"{short:.0f} of 100 results come back")
        )  # fmt: skip
    return rows
