"""Libraries with known truth, named by an independent writer, shuffled, and matched."""

from __future__ import annotations

import random
import sys
import tracemalloc
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from albums.sources.takeout.editing import EDITED
from albums.sources.takeout.matching import match
from albums.sources.takeout.pairing import Medium, Sidecar
from tests.sources.takeout.named import Named, Style, library

STYLES: tuple[Style, ...] = ("old", "new", "uncut")
NAMES = st.text("aA0()~-_. é😀Ω", min_size=1, max_size=6)
ENDINGS = st.sampled_from([".jpg", ".JPG", ".HEIC", ".MP4", ".mp", "-edited.jpg", "(1).jpg", ""])
SIDES = st.sampled_from([".jpg", ".jpg(1)", ".HEIC.supplemental-metadata", ".supp(1)", "."])


def faults(made: Named, seed: int = 0) -> list[str]:
    """Every wrong pair, and every decidable medium that was not decided, in words."""
    media, sidecars = made.media.copy(), made.sidecars.copy()
    random.Random(seed).shuffle(media)
    random.Random(seed + 1).shuffle(sidecars)
    found = []
    for pairing in match(media, sidecars).pairings:
        true = made.truth[pairing.medium.id]
        words = f"{pairing.medium.name}: {pairing.kind} {pairing.rule}, true is {true}"
        if pairing.sidecar and pairing.sidecar.id != true:
            found.append(f"{words}, not {pairing.sidecar.name}")
        elif pairing.kind == "none" or (
            pairing.kind == "ambiguous" and pairing.medium.id not in made.undecidable
        ):
            found.append(words)
        elif pairing.candidates and true not in {s.id for s in pairing.candidates}:
            found.append(f"{words}, which is no candidate")
    return found


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("suffix", ["-edited", "-bearbeitet", "-ha editado", "-編集済み"])
def test_every_decidable_medium_has_its_sidecar_and_none_a_wrong_one(
    style: Style, suffix: str
) -> None:
    made = library(7, style, suffix, 300)
    assert faults(made) == []
    assert len(made.undecidable) < len(made.media) / 4


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    style=st.sampled_from(STYLES),
    suffix=st.sampled_from(EDITED),
    photos=st.integers(1, 40),
)
@example(seed=491831, style="uncut", suffix="-edited", photos=1)  # a counter of 0
def test_no_library_gets_a_wrong_pair(seed: int, style: Style, suffix: str, photos: int) -> None:
    assert faults(library(seed, style, suffix, photos), seed) == []


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), style=st.sampled_from(STYLES), suffix=st.sampled_from(EDITED))
def test_where_parts_are_missing_there_is_no_wrong_pair(
    seed: int, style: Style, suffix: str
) -> None:
    """Every seventh file is in a part that is not there; the media know their moments."""
    made = library(seed, style, suffix, 40)
    left = random.Random(seed)
    media = [medium for medium in made.media if left.random() > 1 / 7]
    sidecars = [sidecar for sidecar in made.sidecars if left.random() > 1 / 7]
    for pairing in match(media, sidecars).pairings:
        if pairing.sidecar:
            assert pairing.sidecar.id == made.truth[pairing.medium.id], pairing


@settings(max_examples=200, deadline=None)
@given(
    stems=st.lists(NAMES, min_size=1, max_size=3),
    endings=st.lists(st.tuples(st.integers(0, 2), ENDINGS), max_size=10),
    sides=st.lists(st.tuples(st.integers(0, 2), SIDES), max_size=8),
    seed=st.integers(0, 1000),
)
def test_the_order_of_the_input_never_changes_the_output(
    stems: list[str], endings: list[tuple[int, str]], sides: list[tuple[int, str]], seed: int
) -> None:
    media = [Medium(f"m{n}", "f", stems[i % len(stems)] + e) for n, (i, e) in enumerate(endings)]
    jsons = [
        Sidecar(f"s{n}", "f", f"{stems[i % len(stems)]}{e}.json") for n, (i, e) in enumerate(sides)
    ]
    first = match(media, jsons)
    order = random.Random(seed)
    order.shuffle(media)
    order.shuffle(jsons)
    assert match(media, jsons) == first


@settings(max_examples=200, deadline=None)
@given(
    stems=st.lists(NAMES, min_size=1, max_size=3),
    endings=st.lists(st.tuples(st.integers(0, 2), ENDINGS), max_size=10),
    sides=st.lists(st.tuples(st.integers(0, 2), SIDES), max_size=8),
)
def test_everything_is_accounted_for_once(
    stems: list[str], endings: list[tuple[int, str]], sides: list[tuple[int, str]]
) -> None:
    media = [Medium(f"m{n}", "f", stems[i % len(stems)] + e) for n, (i, e) in enumerate(endings)]
    jsons = [
        Sidecar(f"s{n}", "f", f"{stems[i % len(stems)]}{e}.json") for n, (i, e) in enumerate(sides)
    ]
    found = match(media, jsons)
    assert sorted(p.medium.id for p in found.pairings) == sorted(m.id for m in media)
    owned = [s.id for p in found.pairings if p.kind == "owned" for s in (p.sidecar, *p.also) if s]
    assert len(owned) == len(set(owned))
    left = [leftover.sidecar.id for leftover in found.leftovers]
    assert len(left) == len(set(left))
    inherited = {p.sidecar.id for p in found.pairings if p.sidecar}
    assert set(owned).isdisjoint(left)
    assert set(owned) | set(left) | inherited == {s.id for s in jsons}
    for pairing in found.pairings:
        assert (pairing.sidecar is not None) == (pairing.kind in ("owned", "inherited"))
        assert bool(pairing.candidates) == (pairing.kind == "ambiguous")


def steps(media: list[Medium], sidecars: list[Sidecar]) -> int:
    """How many lines of Python the matching runs."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        match(media, sidecars)
    finally:
        sys.settrace(before)
    return count


LONG = "a name that is longer than all that Google keeps of it"
SHAPES: dict[str, tuple[str, str]] = {
    "plain": ("IMG_{n}.jpg", "IMG_{n}.jpg.supplemental-metadata"),
    "counted": ("IMG({n}).jpg", "IMG.jpg({n})"),
    "without sidecars": ("IMG_{n}.jpg", "other{n}"),
    "cut": (LONG + "({n}).jpg", LONG[:46] + "({n})"),
    "twins": (LONG + " {n}.jpg", LONG[:46] + "({n})"),
    "edited": ("IMG-edited({n}).jpg", "IMG.jpg({n})"),
    "edited, of one": ("IMG-edited({n}).jpg", "IMG.HEIC"),
    "cut away": (LONG[:47] + "({n}).jpg", LONG[:46]),
    "clips": ("IMG({n}).MP4", "IMG.HEIC({n})"),
    "variants": ("IMG-{n}x.jpg", "IMG.jpg"),
    "one path": ("IMG.jpg", "other{n}"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_files_are_twice_the_steps(shape: str) -> None:
    counts = []
    for size in (150, 300):
        medium, side = SHAPES[shape]
        media = [Medium(f"m{n}", "f", medium.format(n=n)) for n in range(size)]
        jsons = [
            Sidecar(f"s{n}", "f", name)
            for n, name in enumerate({f"{side.format(n=n)}.json" for n in range(size)})
        ]
        counts.append(steps(media, jsons))
    assert counts[1] < 2.2 * counts[0], counts


def test_plain_files_need_little_memory_beside_themselves() -> None:
    media = [Medium(f"m{n}", "f", f"IMG_{n}.jpg") for n in range(8000)]
    sidecars = [
        Sidecar(f"s{n}", "f", f"IMG_{n}.jpg.supplemental-metadata.json") for n in range(8000)
    ]
    media += [Medium(f"e{n}", "f", f"IMG_{n}-edited.jpg") for n in range(20)]
    tracemalloc.start()
    try:
        match(media, sidecars)
        _, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert highest / len(media) < 800
