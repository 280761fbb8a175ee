"""Near-duplicates: quick, and none is missed."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.library.duplicates import bands, near_duplicates, near_duplicates_of_hash

_HASH = st.integers(-(2**63), 2**63 - 1)


def filled(hashes: list[int]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.execute("create table fingerprints (asset_id integer primary key, phash integer not null)")
    db.execute("""create table fingerprint_bands (band integer, value integer, asset_id integer,
                  primary key (band, value, asset_id)) without rowid""")
    db.executemany("insert into fingerprints values (?, ?)", enumerate(hashes, 1))
    db.executemany(
        "insert into fingerprint_bands values (?, ?, ?)",
        [(band, v, i) for i, h in enumerate(hashes, 1) for band, v in enumerate(bands(h))],
    )
    return db


@pytest.fixture
def crowd() -> Iterator[sqlite3.Connection]:
    chance = random.Random(4)
    db = filled([chance.getrandbits(64) - 2**63 for _ in range(20_000)])
    yield db
    db.close()


def brute_force(hashes: list[int], wanted: int, distance: int) -> list[tuple[int, int]]:
    apart = [(i, bin((h ^ wanted) % 2**64).count("1")) for i, h in enumerate(hashes, 1)]
    return sorted((p for p in apart if p[1] <= distance), key=lambda p: (p[1], p[0]))


def flip(phash: int, bits: list[int]) -> int:
    flipped = phash ^ sum(1 << bit for bit in bits)
    flipped %= 2**64
    return flipped - 2**64 if flipped >= 2**63 else flipped


@given(
    _HASH,
    st.lists(st.lists(st.integers(0, 63), unique=True, max_size=14), max_size=12),
    st.lists(_HASH, max_size=5),
    st.integers(0, 11),
)
def test_exactly_what_a_comparison_with_all_finds(
    wanted: int, flips: list[list[int]], strangers: list[int], distance: int
) -> None:
    hashes = [flip(wanted, bits) for bits in flips] + strangers
    db = filled(hashes)
    assert near_duplicates_of_hash(db, wanted, distance) == brute_force(hashes, wanted, distance)
    db.close()


def test_an_asset_is_not_its_own_duplicate() -> None:
    db = filled([5, 5, 7, -1])
    assert near_duplicates(db, 1) == [(2, 0), (3, 1)]
    db.close()


def test_an_asset_without_fingerprint_has_no_duplicates() -> None:
    db = filled([5])
    assert near_duplicates(db, 99) == []
    db.close()


def test_a_distance_that_cannot_be_searched_is_refused() -> None:
    db = filled([5])
    with pytest.raises(ValueError, match="0 to 11 bits"):
        near_duplicates_of_hash(db, 5, 12)
    db.close()


def test_looking_up_touches_few_of_many_hashes(crowd: sqlite3.Connection) -> None:
    started = time.perf_counter()
    for asset_id in range(1, 51):
        near_duplicates(crowd, asset_id)
    looked_up = time.perf_counter() - started
    hashes = [row["phash"] for row in crowd.execute("select phash from fingerprints")]
    started = time.perf_counter()
    for wanted in hashes[:5]:
        brute_force(hashes, wanted, 7)
    assert looked_up / 50 < (time.perf_counter() - started) / 5 / 4
