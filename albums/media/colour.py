"""Any mode and any ICC profile -> 8-bit RGB: sRGB, or Display P3 with its profile kept."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image, ImageCms

from albums.media import hdr
from albums.media.profile import PRIMARIES, icc_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Display P3's primaries, adapted to D50 as ICC profiles hold them (XYZ of red and green).
P3_RED = (0.5151, 0.2412, -0.0011)
P3_GREEN = (0.2920, 0.6922, 0.0419)
KEPT_PROFILE = 8192  # bytes; a larger one is converted, not carried by every picture
SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}

Space = Literal["srgb", "p3", "other", "unusable"]


def to_rgb(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, bytes | None]:
    """An opaque RGB image and the profile it needs (None: it is sRGB). Alpha goes onto white."""
    flat = _flatten(_eight_bits(image))
    if icc and (space := _space(icc, flat.mode)) != "unusable":
        if space == "p3" and flat.mode == "RGB":
            return flat, icc
        if space == "srgb" and flat.mode == "RGB":
            return flat, None
        return _converted(flat, icc), None
    if flat.mode == "LAB":
        return _transform(ImageCms.createProfile("LAB"), "LAB").apply(flat), None
    return flat if flat.mode == "RGB" else flat.convert("RGB"), None


def by_code(
    image: Image.Image, code: tuple[int, int] | None, longest: int
) -> tuple[Image.Image, bytes | None]:
    """`to_rgb` of an image whose file names primaries and transfer function instead of a profile.
    What is meant for brighter screens is made no larger than `longest` first."""
    if code is None:
        return to_rgb(image, None)
    primaries, transfer = code
    if hdr.is_hdr(transfer):
        flat = _flatten(_eight_bits(image)).convert("RGB")
        flat.thumbnail((longest, longest), reducing_gap=2.0)
        return hdr.to_sdr(flat, primaries, transfer), None
    name = PRIMARIES.get(primaries)
    return to_rgb(image, icc_of(name) if name else None)


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """What `to_rgb` gave, in sRGB whatever it kept: for those who look at bare numbers."""
    return _converted(image, icc) if icc else image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow clips deep images when it converts them; they are scaled here instead."""
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image).astype(np.float32) / 257)
    if image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        return _grey((values - values.min()) * _range(values, image.mode))
    if image.mode == "1":
        return image.convert("L")
    return image


def _range(values: NDArray[Any], mode: str) -> float:
    """Factor to 0..255: from 16 bits where it fits in them, from 0..1, else from what is there."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and mode == "F" and high <= 1:
        return 255.0
    span = 65535.0 if low >= 0 and mode == "I" and high <= 65535 else high - low
    return 255.0 / span if span else 0.0


def _grey(values: NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _flatten(image: Image.Image) -> Image.Image:
    """Palettes resolved; what is transparent shows white, as on a page."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        page = Image.new("RGB", layer.size, "white")
        page.paste(layer, mask=layer.getchannel("A"))
        return page
    if image.mode in SPACES:
        return image
    return image.convert("L" if image.mode in ("LA", "La") else "RGB")


@lru_cache(maxsize=64)
def _space(icc: bytes, mode: str) -> Space:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile
        if profile.xcolor_space != SPACES[mode]:
            return "unusable"
        if mode != "RGB":
            return "other"
        if _looks_like_srgb(icc):
            return "srgb"
        red, green = profile.red_colorant, profile.green_colorant
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return "unusable"
    if len(icc) > KEPT_PROFILE or red is None or green is None:
        return "other"
    near = np.allclose((red[0], green[0]), (P3_RED, P3_GREEN), atol=0.004)
    return "p3" if near else "other"


def _looks_like_srgb(icc: bytes) -> bool:
    """Whether converting changes nothing that an eye could see: then there is no need to."""
    levels = np.array((0, 40, 96, 160, 255), dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(5, 25, 3)
    after = np.asarray(_converted(Image.fromarray(cube), icc))
    return bool(np.abs(after.astype(int) - cube).max() <= 3)


def _converted(image: Image.Image, icc: bytes) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return _transform(profile, image.mode).apply(image)


def _transform(profile: Any, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
