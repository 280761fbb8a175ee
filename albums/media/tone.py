"""The light of a film's frame -> sRGB: HLG and PQ are tone-mapped, wider colours are converted.

HDR light is measured against its reference white of 203 cd/m² (ITU-R BT.2408). What is darker than
half of that stays as it is; what is brighter is compressed by ffmpeg's "mobius" curve, so that the
brightest of this frame becomes white. Curves: ITU-R BT.2100.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Light = NDArray[np.float32]

Transfer = Literal["sdr", "hlg", "pq"]
Primaries = Literal["bt709", "bt2020", "p3"]

_WHITE = 203.0  # cd/m²
_HLG_PEAK = 1000.0  # cd/m², of the display that HLG is meant for
_KNEE = 0.5  # of white
_BRIGHTEST = 99.9  # percentile: a few glints may burn out
_TO_BT709 = {
    "bt2020": (
        (1.6605, -0.5876, -0.0728),
        (-0.1246, 1.1329, -0.0083),
        (-0.0182, -0.1006, 1.1187),
    ),
    "p3": (
        (1.2249, -0.2247, 0.0),
        (-0.0420, 1.0419, 0.0),
        (-0.0197, -0.0786, 1.0979),
    ),
}


def to_srgb(
    coded: NDArray[np.uint16], transfer: Transfer, primaries: Primaries
) -> NDArray[np.uint8]:
    """RGB of 16 bits, full range, (h, w, 3) -> sRGB of 8 bits, same shape."""
    light = _curve(transfer)[coded]
    if transfer == "hlg":
        light *= _of_display(light)
    if primaries in _TO_BT709:
        light = light @ np.array(_TO_BT709[primaries], dtype=np.float32).T
    if transfer != "sdr":
        light *= _compression(light.max(axis=-1, keepdims=True))
    return _encoded(np.clip(light, 0.0, 1.0))


@lru_cache(maxsize=3)
def _curve(transfer: Transfer) -> Light:
    """Linear light of each of the 65536 codes, in white; of HLG that of the scene, 0..1."""
    code = np.linspace(0.0, 1.0, 65536)
    if transfer == "pq":
        power = code ** (1 / 78.84375)
        light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        light = 10_000.0 / _WHITE * light ** (1 / 0.1593017578125)
    elif transfer == "hlg":
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    else:
        light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return np.asarray(light, dtype=np.float32)


def _of_display(scene: Light) -> Light:
    """Factor from the light of the scene to that of HLG's display, in white."""
    luminance = scene @ np.array((0.2627, 0.6780, 0.0593), dtype=np.float32)
    factor = _HLG_PEAK / _WHITE * np.maximum(luminance, 1e-6) ** np.float32(0.2)
    return np.asarray(factor[..., None], dtype=np.float32)


def _compression(brightest: Light) -> Light:
    """Factor for pixels whose brightest channel this is: 1 up to the knee, then less."""
    peak = max(float(np.percentile(brightest, _BRIGHTEST)), 1.0)
    knee = _KNEE
    low = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    high = (knee**2 - 2 * knee * peak + peak) / max(peak - 1, 1e-6)
    if peak <= 1.0:
        return np.ones_like(brightest)
    slope = (high**2 + 2 * high * knee + knee**2) / (high - low)
    above = np.maximum(brightest, knee)
    mapped = slope * (above + low) / (above + high)
    return np.asarray(np.where(brightest <= knee, 1.0, mapped / above), dtype=np.float32)


def _encoded(light: Light) -> NDArray[np.uint8]:
    srgb = np.where(
        light <= 0.0031308, light * 12.92, 1.055 * light ** np.float32(1 / 2.4) - np.float32(0.055)
    )
    return np.asarray(np.rint(srgb * 255), dtype=np.uint8)
