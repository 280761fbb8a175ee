"""Bytes changed at random, as disks, roads and people with bad intentions change them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from random import Random

_EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def mutated(rng: Random, seeds: Mapping[str, bytes], name: str = "") -> tuple[str, bytes]:
    """The seed of this name, or any, with a few changes; its name is as it was."""
    name = name or rng.choice(list(seeds))
    content = bytearray(seeds[name])
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        rng.choice(_MUTATIONS)(rng, content, seeds)
    return name, bytes(content)


def _flip(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def _cut(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    del content[rng.randrange(len(content) + 1) :]


def _drop(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    start = rng.randrange(len(content) + 1)
    del content[start : start + rng.randrange(64)]


def _repeat(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    start = rng.randrange(len(content) + 1)
    content[start:start] = content[start : start + rng.randrange(512)] * rng.randrange(1, 4)


def _scribble(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    start = rng.randrange(len(content) + 1)
    length = rng.randrange(1, 64)
    content[start : start + length] = rng.randbytes(length)


def _extreme(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    """Lengths and offsets are where parsers stumble, and most stand in the first bytes."""
    start = rng.randrange(min(len(content), 512) + 1)
    code = rng.choice((">I", "<I", ">H", "<H"))
    mask = 0xFFFFFFFF if code[1] == "I" else 0xFFFF
    number = struct.pack(code, rng.choice(_EXTREMES) & mask)
    content[start : start + len(number)] = number


def _splice(rng: Random, content: bytearray, seeds: Mapping[str, bytes]) -> None:
    other = seeds[rng.choice(list(seeds))]
    content[rng.randrange(len(content) + 1) :] = other[rng.randrange(len(other) + 1) :]


_MUTATIONS: tuple[Callable[[Random, bytearray, Mapping[str, bytes]], None], ...] = (
    _flip, _flip, _cut, _drop, _repeat, _scribble, _extreme, _extreme, _splice,
)  # fmt: skip
