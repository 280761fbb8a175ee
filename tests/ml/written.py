"""Pictures with text on them, drawn with the font that Pillow brings."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

LETTER = (
    "Dear Mr Norton,",
    "the boarding pass for your flight",
    "from Lisbon to Porto is enclosed.",
    "Total amount 124.50 Euro",
)


def page(
    lines: Sequence[str] = LETTER, size: tuple[int, int] = (800, 500), height: int = 36
) -> Image.Image:
    """Black on white, one line below the other; `height` of the font in pixels."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(height)
    for i, line in enumerate(lines):
        draw.text((height, height + i * height * 2), line, "black", font)
    return image
