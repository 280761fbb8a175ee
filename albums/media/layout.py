"""Lays text that flows out on pages, and draws them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.media.flow import Flow, Paragraph

if TYPE_CHECKING:
    from PIL import Image, ImageFont

A4, SLIDE = (595, 842), (960, 540)  # points
_BODY = {False: 11.0, True: 20.0}  # points; on slides larger
_HEADINGS = (1.0, 1.8, 1.4, 1.15)  # times the body
_LEADING = 1.4  # times the size
_MARGIN = 56.0
_TAB = 8.0  # times the size
_MEASURED = 100  # pixels; widths are measured at this size, and scaled
# Those that many systems have, best covered first; Pillow's own has only Latin letters.
_FONTS = (
    "NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf",
    "Arial Unicode.ttf", "NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf",
)  # fmt: skip
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts")


@dataclass(frozen=True)
class Placed:
    """A line of text. `x`, `y`: its upper left corner; in points."""

    text: str
    x: float
    y: float
    width: float
    size: float


@dataclass
class Leaf:
    """One page as it is laid out. `size`: width and height in points."""

    size: tuple[int, int]
    lines: list[Placed] = field(default_factory=list)

    def as_lines(self) -> list[list[Any]]:
        """[text, box, sure, turn], as documents.read_pages gives them."""
        return [
            [line.text.replace("\t", " "), self._box(line), 1.0, 0]
            for line in self.lines
            if line.text.strip()
        ]

    def _box(self, line: Placed) -> list[float]:
        width, height = self.size
        edges = (line.x / width, line.y / height, (line.x + line.width) / width)
        return [round(min(1.0, edge), 4) for edge in (*edges, (line.y + line.size * 1.2) / height)]


def leaves(flow: Flow) -> Iterator[Leaf]:
    """The pages of a document, one after the other; what does not fit goes on on the next."""
    size = SLIDE if flow.slides else A4
    for index, paragraphs in enumerate(flow.pages):
        if index and not any(paragraph.text.strip() for paragraph in paragraphs):
            continue
        leaf, y = Leaf(size), _MARGIN
        for paragraph in paragraphs:
            points = _BODY[flow.slides] * _HEADINGS[paragraph.heading]
            for text in _wrapped(paragraph, points, size[0] - 2 * _MARGIN):
                if y + points * _LEADING > size[1] - _MARGIN and leaf.lines:
                    yield leaf
                    leaf, y = Leaf(size), _MARGIN
                leaf.lines.append(Placed(text, _MARGIN, y, _width(text, points), points))
                y += points * _LEADING
            y += points * 0.35
        yield leaf


def draw(leaf: Leaf, longest: int) -> Image.Image:
    """The page in black on white, with this longest edge in pixels."""
    from PIL import Image, ImageDraw

    scale = longest / max(leaf.size)
    width, height = (max(1, round(edge * scale)) for edge in leaf.size)
    image = Image.new("RGB", (width, height), "white")
    canvas = ImageDraw.Draw(image)
    for line in leaf.lines:
        x = 0.0
        for cell in line.text.split("\t"):
            if cell:
                font = _sized(_font_for(cell), max(1.0, line.size * scale))
                canvas.text(((line.x + x) * scale, line.y * scale), cell, "black", font=font)
            x = _after_tab(x + _width(cell, line.size), line.size)
    return image


def _wrapped(paragraph: Paragraph, points: float, room: float) -> Iterator[str]:
    """Its lines, none wider than `room`: broken between words, and inside those that are longer."""
    for line in paragraph.text.split("\n"):
        start = end = 0  # of what stands in the line so far
        x = 0.0
        for at, character in enumerate(line):
            if character in " \t":
                end = at + 1
            x = _after_tab(x, points) if character == "\t" else x + _advance(character) * points
            if x > room and at > start:
                cut = end if end > start else at
                yield line[start:cut].rstrip(" ")
                start, end = cut, cut
                x = _width(line[start : at + 1], points)
        yield line[start:]


def _width(text: str, points: float) -> float:
    x = 0.0
    for character in text:
        x = _after_tab(x, points) if character == "\t" else x + _advance(character) * points
    return x


def _after_tab(x: float, points: float) -> float:
    stop = _TAB * points
    return (x // stop + 1) * stop


@lru_cache(maxsize=20_000)
def _advance(character: str) -> float:
    """Of its size."""
    return float(_font_for(character).getlength(character)) / _MEASURED


def _font_for(text: str) -> ImageFont.FreeTypeFont:
    """The first font that has all letters of a text, else the one that has the most."""
    fonts = _fonts()
    if text.isascii() or len(fonts) == 1:
        return fonts[0]
    unusual = {c for c in text[:200] if not c.isascii() and not c.isspace()}
    lacking = [sum(_lacks(number, c) for c in unusual) for number in range(len(fonts))]
    return fonts[lacking.index(min(lacking))]


@lru_cache(maxsize=32)
def _sized(font: ImageFont.FreeTypeFont, pixels: float) -> ImageFont.FreeTypeFont:
    return font.font_variant(size=pixels)


@lru_cache(maxsize=20_000)
def _lacks(font: int, character: str) -> bool:
    """A letter that a font lacks looks like one that no font has."""
    look = bytes(_fonts()[font].getmask(character))
    return look == bytes(_fonts()[font].getmask("\U0010fffd"))


@lru_cache(maxsize=1)
def _fonts() -> list[ImageFont.FreeTypeFont]:
    from PIL import ImageFont

    present = {
        path.name: path for folder in _FOLDERS for path in sorted(Path(folder).rglob("*.tt[fc]"))
    }
    files = [present[name] for name in _FONTS if name in present]
    found = [ImageFont.truetype(str(path), _MEASURED) for path in files]
    default = ImageFont.load_default(_MEASURED)
    return found or ([default] if isinstance(default, ImageFont.FreeTypeFont) else [])
