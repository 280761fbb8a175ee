"""Light of known strength, coded as ITU-R BT.2100 says, must come out as sRGB codes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media.tone import Primaries, Transfer, to_srgb

WHITE = 203.0  # cd/m²


def pq(nits: float) -> float:
    power = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hlg(nits: float) -> float:
    scene = (nits / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float((3 * scene) ** 0.5)
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def srgb(light: float) -> float:
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


CODES: dict[Transfer, Callable[[float], float]] = {"pq": pq, "hlg": hlg}


def seen(
    codes: list[tuple[float, float, float]], transfer: Transfer, primaries: Primaries
) -> list[list[int]]:
    coded = np.rint(np.array([codes]) * 65535).astype(np.uint16)
    return [list(map(int, pixel)) for pixel in to_srgb(coded, transfer, primaries)[0]]


@pytest.mark.parametrize("transfer", CODES)
@pytest.mark.parametrize("light", [0.01, 0.05, 0.18, 0.5])
def test_what_is_darker_than_half_of_white_is_as_bright_as_it_was(
    transfer: Transfer, light: float
) -> None:
    code = CODES[transfer](light * WHITE)
    for channel in seen([(code, code, code)], transfer, "bt2020")[0]:
        assert channel == pytest.approx(srgb(light), abs=2)


@pytest.mark.parametrize("transfer", CODES)
def test_brighter_is_brighter_up_to_white(transfer: Transfer) -> None:
    nits = [*np.geomspace(1, 1000, 200)]
    codes = [CODES[transfer](float(each)) for each in nits]
    levels = [pixel[1] for pixel in seen([(c, c, c) for c in codes], transfer, "bt2020")]
    assert levels == sorted(levels)
    assert levels[-1] >= 250
    assert len({level for level, each in zip(levels, nits, strict=True) if each > WHITE}) > 10


def test_a_scene_without_highlights_is_not_made_darker() -> None:
    code = pq(WHITE)
    assert seen([(code, code, code)], "pq", "bt2020")[0][1] >= 253


def test_a_colour_that_bt709_has_keeps_its_hue() -> None:
    """Half of white in sRGB's own red, written in BT.2020."""
    red = [0.6274 * 0.5, 0.0691 * 0.5, 0.0164 * 0.5]
    codes = tuple(pq(light * WHITE) for light in red)
    first, second, third = seen([(codes[0], codes[1], codes[2])], "pq", "bt2020")[0]
    assert first == pytest.approx(srgb(0.5), abs=3)
    assert max(second, third) < 20


def test_display_p3_in_standard_range_is_converted() -> None:
    assert seen([(0.5, 0.5, 0.5)], "sdr", "p3")[0] == pytest.approx([128] * 3, abs=1)
    assert seen([(0.9, 0.2, 0.1)], "sdr", "p3")[0][0] > 0.9 * 255


@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=50),
    st.sampled_from(["sdr", "pq", "hlg"]),
    st.sampled_from(["bt709", "bt2020", "p3"]),
)
def test_any_light_has_a_colour(
    codes: list[tuple[float, float, float]], transfer: Transfer, primaries: Primaries
) -> None:
    assert len(seen(codes, transfer, primaries)) == len(codes)
