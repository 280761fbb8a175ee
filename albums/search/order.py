"""In which order results come: what is written after `sort:`, and the shuffle."""

from __future__ import annotations

import re
from typing import Literal, get_args

from albums.errors import BadInput

Sort = Literal["newest", "oldest", "relevance", "random", "hand"]
MAX_SEED = 999_999_999


def sort_of(value: str | None) -> tuple[Sort | None, int]:
    """What was typed -> the order, and the seed of a shuffle ("random-1234"). Raises BadInput."""
    if value is None:
        return None, 0
    plain = value.lower()
    if shuffled := re.fullmatch(r"random-([0-9]{1,9})", plain):
        return "random", int(shuffled[1])
    for sort in get_args(Sort):
        if plain == sort:
            return sort, 0
    raise BadInput(
        f"Results cannot be sorted by {value!r}",
        hint="Write sort:newest, sort:oldest, sort:relevance, sort:random or sort:hand",
    )


def sort_words(sort: Sort, seed: int) -> str:
    """The reverse of `sort_of`."""
    return f"random-{seed}" if sort == "random" else sort


def sort_said(sort: Sort) -> str:
    """For the chip above the results."""
    return _SAID.get(sort, f"{sort} first")


_SAID = {"random": "shuffled", "hand": "in the order by hand", "relevance": "best match first"}


# --- the shuffle: each id gets a number of its own below a prime, which depends on the seed

_PRIME = 2_147_483_579  # 2 more than a multiple of 3: then no two numbers have one cube


def shuffled(seed: int, ids: str = "assets.id") -> str:
    """SQL: where an asset comes in the shuffle of this seed. No two ids share a number, so each
    asset comes once, and what arrives meanwhile moves no other.

    A line through the ids alone would show them in equal strides; the cube breaks the strides.
    """
    factor, shift = _mixed(seed), _mixed(seed + 1_000_000_007)
    line = f"(({ids} * {factor} + {shift}) % {_PRIME})"
    return f"({line} * {line} % {_PRIME} * {line} % {_PRIME})"


def place_in_shuffle(seed: int, asset_id: int) -> int:
    """The same number."""
    line = (asset_id * _mixed(seed) + _mixed(seed + 1_000_000_007)) % _PRIME
    return line * line % _PRIME * line % _PRIME


def _mixed(number: int) -> int:
    """A number from 1 to the prime, far from that of the next seed."""
    for _ in range(3):
        number = (number ^ (number >> 15)) * 0x2C1B3C6D + 0x297A2D39 & 0xFFFFFFFF
    return number % (_PRIME - 1) + 1
