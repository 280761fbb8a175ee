"""Pictures whose numbers mean more light than a usual screen has (PQ, HLG) -> sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

PQ, HLG = 16, 18  # code points of transfer functions (ITU-T H.273)
WHITE = 203.0  # candela per square metre of paper in HDR (ITU-R BT.2408)
PEAK = 1000.0  # of the screen that HLG is graded on
KNEE = 0.6  # of white: what is darker stays as it is, what is brighter is pressed together
ROWS = 256  # at once: floats take twelve times the memory of the picture
# Linear light of these primaries -> of sRGB's.
TO_SRGB = {
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    12: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}


def is_hdr(transfer: int) -> bool:
    return transfer in (PQ, HLG)


def to_sdr(image: Image.Image, primaries: int, transfer: int) -> Image.Image:
    """An RGB image of 8-bit PQ or HLG as sRGB: highlights are pressed together, hues stay."""
    light = _light(transfer)
    matrix = np.array(TO_SRGB.get(primaries, np.eye(3)), dtype=np.float32).T
    coded = np.asarray(image.convert("RGB"))
    out = np.empty_like(coded)
    for start in range(0, len(coded), ROWS):
        linear = light[coded[start : start + ROWS]]
        if transfer == HLG:
            linear = _on_screen(linear)
        out[start : start + ROWS] = _coded(_pressed(linear @ matrix))
    return Image.fromarray(out)


def _light(transfer: int) -> NDArray[Any]:
    """Light of each of 256 levels, paper white as 1 (PQ), or of the scene, 0 to 1 (HLG)."""
    level = np.linspace(0, 1, 256)
    if transfer == HLG:  # ITU-R BT.2100, inverse OETF
        bright = (np.exp((level - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return np.where(level <= 0.5, level**2 / 3, bright).astype(np.float32)
    root = level ** (1 / 78.84375)  # SMPTE ST 2084
    ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    light: NDArray[Any] = 10_000 * ratio ** (1 / 0.1593017578125) / WHITE
    return light.astype(np.float32)


def _on_screen(scene: NDArray[Any]) -> NDArray[Any]:
    """HLG's own adjustment (OOTF) to a screen of PEAK."""
    luminance = scene @ np.array((0.2627, 0.6780, 0.0593), dtype=np.float32)
    screen: NDArray[Any] = scene * (np.maximum(luminance, 1e-6) ** 0.2)[..., None] * (PEAK / WHITE)
    return screen


def _pressed(linear: NDArray[Any]) -> NDArray[Any]:
    linear = np.maximum(linear, 0)
    brightest = np.maximum(linear.max(axis=-1, keepdims=True), 1e-6)
    room = 1 - KNEE
    pressed = KNEE + room * (1 - np.exp(-(brightest - KNEE) / room))
    shown: NDArray[Any] = linear * np.where(brightest > KNEE, pressed / brightest, 1)
    return shown


def _coded(linear: NDArray[Any]) -> NDArray[Any]:
    low, high = 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    coded = np.where(linear <= 0.0031308, low, high)
    levels: NDArray[Any] = np.clip(np.rint(255 * coded), 0, 255).astype(np.uint8)
    return levels
