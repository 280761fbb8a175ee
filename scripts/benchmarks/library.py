"""Makes a library of any size for benchmarks: rows, words and vectors, but no files.

Words follow Zipf's law, vectors lie in clusters, days, places and cameras are spread unevenly.
`python -m scripts.benchmarks.library PATH 100000`
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from albums.ingest.steps import STEPS
from albums.ingest.steps.words import COLUMNS
from albums.library.database import Library
from albums.search.expression import words_of

SPACE = "bench-512"
DIMS = 512
_CLUSTERS = 400
_CHUNK = 10_000
# Real captions begin Zipf's list with words that say nothing; then come the words of photos.
COMMON = words_of("""
    a the in on of and with is to are at his her an by from their it for that as near while
    through up there out down over next behind into front some off around other against
    dog beach man woman child water tree sky sunset street car red blue white black running
    sitting standing playing grass snow mountain city night food table people two group house
    garden flower boat sea lake river bridge road bicycle ball cat bird horse party birthday
    cake wedding dress smiling holding wearing shirt hat window door light room kitchen""")
PLACES = [
    ("Lisbon", "Lisbon", "Portugal", "PT", 38.72, -9.14),
    ("Porto", "Porto", "Portugal", "PT", 41.15, -8.61),
    ("Vancouver", "Washington", "United States", "US", 45.64, -122.66),
    ("São Paulo", "São Paulo", "Brazil", "BR", -23.55, -46.63),
    ("Berlin", "Berlin", "Germany", "DE", 52.52, 13.40),
    ("Kyoto", "Kyoto", "Japan", "JP", 35.01, 135.77),
    ("Reykjavík", "Capital Region", "Iceland", "IS", 64.15, -21.94),
]
CAMERAS = [
    ("Apple", "iPhone 12"), ("Apple", "iPhone 15 Pro"), ("Samsung", "Galaxy S24"),
    ("Nikon", "Nikon D850"), ("Canon", "Canon EOS R5"), ("Sony", "Sony ILCE-7M3"),
]  # fmt: skip


def vocabulary(size: int = 30_000) -> NDArray[np.str_]:
    """Common photo words first, then made-up ones that look like words."""
    rng = np.random.default_rng(7)
    syllables = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "er")]
    made = {
        "".join(rng.choice(syllables, int(n)).tolist()) for n in rng.integers(2, 5, size * 2)
    } - set(COMMON)
    return np.array(COMMON + sorted(made, key=lambda w: hash_of(w))[: size - len(COMMON)])


def hash_of(word: str) -> int:
    return int.from_bytes(word.encode()[::-1], "little") * 2654435761 % (1 << 32)


def captions(count: int, seed: int = 1) -> Iterator[str]:
    """Descriptions of 20 to 40 words, Zipf-distributed."""
    rng = np.random.default_rng(seed)
    words = vocabulary()
    chance = 1 / np.arange(1, len(words) + 1)
    chance /= chance.sum()
    for start in range(0, count, _CHUNK):
        lengths = rng.integers(20, 41, min(_CHUNK, count - start))
        drawn = words[rng.choice(len(words), int(lengths.sum()), p=chance)]
        for part in np.split(drawn, np.cumsum(lengths)[:-1]):
            yield " ".join(part.tolist())


def vectors(count: int, seed: int = 2) -> Iterator[NDArray[np.float32]]:
    """Unit vectors in clusters of uneven size, in chunks."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((_CLUSTERS, DIMS)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    share = rng.dirichlet(np.ones(_CLUSTERS))
    for start in range(0, count, _CHUNK):
        size = min(_CHUNK, count - start)
        noise = rng.standard_normal((size, DIMS), dtype=np.float32) / np.sqrt(DIMS)
        rows = centres[rng.choice(_CLUSTERS, size, p=share)] + noise
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_library(path: Path, count: int, seed: int = 0) -> Library:
    """A library of `count` assets at `path`, which must be new."""
    library = Library(path)
    with library.write() as db:
        for step in STEPS:
            step.prepare(db)
    rng = np.random.default_rng(seed)
    texts = captions(count, seed + 1)
    for number, chunk in enumerate(vectors(count, seed + 2)):
        first = number * _CHUNK + 1
        with library.write(durable=False) as db:
            rows = [_asset(first + i, rng) for i in range(len(chunk))]
            said = [next(texts) for _ in rows]
            marks = ", ".join("?" * len(rows[0]))
            db.executemany(f"insert into assets ({', '.join(rows[0])}) values ({marks})",
                           [tuple(row.values()) for row in rows])  # fmt: skip
            located = [(row["id"], *PLACES[row["id"] % 7][:4], 1.0) for row in rows
                       if row["latitude"] is not None]  # fmt: skip
            db.executemany("insert into places values (?, ?, ?, ?, ?, ?)", located)
            db.executemany(
                "insert into pictures values (?, ?, ?, 50000, 0)",
                [(row["id"], rng.bytes(24), row["width"] / row["height"]) for row in rows],
            )
            db.executemany(
                """insert into captions (asset_id, author, title, description, written_at)
                   values (?, 'model', ?, ?, '2026-01-01T00:00:00+00:00')""",
                [
                    (row["id"], " ".join(text.split()[:4]), text)
                    for row, text in zip(rows, said, strict=True)
                ],
            )
            tags = [(row["id"], tag) for row, text in zip(rows, said, strict=True)
                    for tag in dict.fromkeys(text.split()[:6])]  # fmt: skip
            db.executemany("insert into tags values (?, ?, 'caption', 0.8)", tags)
            place_of = {row[0]: f"{row[1]} {row[2]} {row[3]}" for row in located}
            columns = ", ".join(COLUMNS)
            db.executemany(
                f"insert into words (rowid, {columns}) values (?, ?, ?, ?, ?, '', ?, '', '')",
                [(row["id"], text, " ".join(text.split()[:6]), row["name"],
                  place_of.get(row["id"], ""), f"{row['make']} {row['camera']}")
                 for row, text in zip(rows, said, strict=True)],
            )  # fmt: skip
            db.executemany(
                "insert into embeddings (asset_id, space, vector) values (?, ?, ?)",
                [(first + i, SPACE, v.tobytes()) for i, v in enumerate(chunk.astype("<f2"))],
            )
    with library.write() as db:
        db.execute("analyze")
    return library


def _asset(number: int, rng: np.random.Generator) -> dict[str, Any]:
    days_ago = int(rng.beta(1, 3) * 365 * 20)
    taken = datetime(2026, 6, 1, 12, tzinfo=UTC) - timedelta(
        days=days_ago, seconds=int(rng.integers(0, 40_000))
    )
    make, camera = CAMERAS[int(rng.zipf(1.6)) % len(CAMERAS)]
    place = PLACES[number % 7] if rng.random() < 0.6 else None
    wide = bool(rng.random() < 0.7)
    return {
        "id": number,
        "sha": f"{number:08x}" + base64.b16encode(rng.bytes(28)).decode().lower(),
        "name": f"IMG_{taken:%Y%m%d}_{number}.jpg",
        "folder": f"DCIM/{taken:%Y-%m}",
        "extension": ".jpg",
        "mime": "image/jpeg",
        "kind": "video" if rng.random() < 0.05 else "photo",
        "size": int(rng.integers(1_000_000, 6_000_000)),
        "source": "upload",
        "origin": "tailscale://galaxy-s24",
        "received_at": "2026-06-01T00:00:00+00:00",
        "captured_at": taken.isoformat(),
        "captured_utc": int(taken.timestamp()),
        "day": f"{taken:%Y-%m-%d}",
        "width": 4000 if wide else 3000,
        "height": 3000 if wide else 4000,
        "make": make,
        "camera": camera,
        "latitude": place and place[4] + float(rng.normal(0, 0.05)),
        "longitude": place and place[5] + float(rng.normal(0, 0.05)),
        "favourite": int(rng.random() < 0.02),
        "rating": 5 if rng.random() < 0.001 else None,
    }


if __name__ == "__main__":
    make_library(Path(sys.argv[1]), int(sys.argv[2])).close()
