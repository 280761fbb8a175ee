"""Near-duplicates by perceptual hash, found without comparing with every picture.

A 64-bit hash is cut into 4 bands of 16 bits. Hashes that differ in at most d bits differ in at
most d // 4 bits in one of the bands (there are only 4 to spread over), so looking up each band's
value and its neighbours finds every one of them.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import combinations

_BANDS = 4
_BAND_BITS = 16
_BAND_MASK = (1 << _BAND_BITS) - 1
FARTHEST = 11  # bits; beyond, the neighbours of a band become too many to look up


def near_duplicates(
    db: sqlite3.Connection, asset_id: int, distance: int = 7
) -> list[tuple[int, int]]:
    """Other assets whose picture differs in at most `distance` bits (0..11): pairs of asset id
    and bits, nearest first. Empty where the asset has no fingerprint."""
    row = db.execute("select phash from fingerprints where asset_id = ?", (asset_id,)).fetchone()
    if row is None:
        return []
    near = near_duplicates_of_hash(db, row["phash"], distance)
    return [(other, bits) for other, bits in near if other != asset_id]


def near_duplicates_of_hash(
    db: sqlite3.Connection, phash: int, distance: int = 7
) -> list[tuple[int, int]]:
    """Assets whose hash differs from this 64-bit one in at most `distance` bits (0..11)."""
    if not 0 <= distance <= FARTHEST:
        raise ValueError(f"distance must be 0 to {FARTHEST} bits, not {distance}")
    probes = [
        [band, value]
        for band, value in enumerate(bands(phash))
        for value in _neighbours(value, distance // _BANDS)
    ]
    rows = db.execute(
        """select distinct f.asset_id, f.phash from json_each(?) as probe
           join fingerprint_bands as b
             on b.band = probe.value ->> 0 and b.value = probe.value ->> 1
           join fingerprints as f on f.asset_id = b.asset_id""",
        (json.dumps(probes),),
    )
    apart = [(row["asset_id"], _bits_apart(phash, row["phash"])) for row in rows]
    return sorted((pair for pair in apart if pair[1] <= distance), key=lambda p: (p[1], p[0]))


def bands(phash: int) -> list[int]:
    """The 4 bands of a 64-bit hash, each 0..65535. Signed and unsigned hashes are alike."""
    return [(phash >> (_BAND_BITS * band)) & _BAND_MASK for band in range(_BANDS)]


def _neighbours(value: int, bits: int) -> list[int]:
    """All 16-bit values that differ from `value` in at most `bits` bits."""
    return [
        value ^ sum(1 << bit for bit in flipped)
        for count in range(bits + 1)
        for flipped in combinations(range(_BAND_BITS), count)
    ]


def _bits_apart(one: int, other: int) -> int:
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()
