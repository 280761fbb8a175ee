"""Which look a picture has. Nothing here may take an ordinary photo for something else: where the
evidence is thin, a picture has no look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from albums.ingest.looks.drawing import Drawing
from albums.ingest.looks.names import in_screenshots, named_screenshot, says_meme
from albums.ingest.looks.screens import is_of_a_screen, is_phone_shaped
from albums.ingest.looks.tags_in_file import exposed, has_camera, says_screenshot, scanned_by
from albums.ingest.looks.writing import Writing, writing_of
from albums.library.looks import Look
from albums.library.texts import Page

_EXACT = ("image/png", "image/bmp", "image/webp")  # no pixel is lost as screens are kept


@dataclass(frozen=True)
class Evidence:
    """What is known of an asset. `places`: folder and name, as it came in each time; `size`:
    width and height of the original, upright; `tags`: those of the file (media/exif.py)."""

    kind: str
    mime: str
    places: Sequence[tuple[str, str]]
    size: tuple[int, int] | None
    tags: dict[str, Any]
    drawing: Drawing | None
    pages: Sequence[Page] = ()


def looks_from(evidence: Evidence) -> list[Look]:
    """The surest first. A document by its kind may be a receipt besides; a picture has one look."""
    writing = writing_of(evidence.pages)
    if evidence.kind == "document":
        document = Look("document", 1.0, "its kind of file")
        return [document, *([_receipt_in_words(writing)] if _is_receipt(writing) else [])]
    if evidence.kind != "photo":
        return []
    found = (
        _screenshot(evidence, writing)
        or _receipt(evidence, writing)
        or _meme(evidence, writing)
        or _document(evidence, writing)
    )
    return [found] if found else []


def _screenshot(evidence: Evidence, writing: Writing) -> Look | None:
    if said := says_screenshot(evidence.tags):
        return Look("screenshot", 0.99, said)
    if exposed(evidence.tags):
        return None
    if any(named_screenshot(name) for _, name in evidence.places):
        return Look("screenshot", 0.97, "its name says so, and no camera took it")
    if any(in_screenshots(folder) for folder, _ in evidence.places):
        return Look("screenshot", 0.95, "it lies among screenshots, and no camera took it")
    return _screenshot_by_sight(evidence, writing)


def _screenshot_by_sight(evidence: Evidence, writing: Writing) -> Look | None:
    size, drawing = evidence.size, evidence.drawing
    if not size or not drawing or has_camera(evidence.tags):
        return None
    small, spread = writing.small_lines(), writing.reach >= 0.5
    least = 3 if evidence.mime in _EXACT and drawing.flat >= 0.5 else 5
    if is_of_a_screen(size) and drawing.flat >= 0.25 and small >= least and spread:
        return Look("screenshot", 0.85, "as large as a screen, with small text, and drawn evenly")
    drawn = drawing.flat >= 0.25 and small >= 3
    if is_phone_shaped(size) and drawn and writing.has_clock_on_top():
        return Look("screenshot", 0.8, "as narrow as a phone, with the time of day on top")
    return None


def _is_receipt(writing: Writing) -> bool:
    return writing.amounts() >= 3 and writing.speaks_of_a_sum() and writing.speaks_of_a_sale() >= 2


def _receipt_in_words(writing: Writing) -> Look:
    return Look("receipt", 0.9, f"a total, {writing.amounts()} prices, and the words of a shop")


def _receipt(evidence: Evidence, writing: Writing) -> Look | None:
    on_paper = evidence.drawing is not None and evidence.drawing.paper >= 0.3
    return _receipt_in_words(writing) if on_paper and _is_receipt(writing) else None


def _meme(evidence: Evidence, writing: Writing) -> Look | None:
    if exposed(evidence.tags):
        return None
    if any(says_meme(name, folder) for folder, name in evidence.places):
        return Look("meme", 0.8, "its name says so, and no camera took it")
    captions, drawing = writing.captions(), evidence.drawing
    if not captions or not drawing or has_camera(evidence.tags) or len(writing.lines) > 8:
        return None
    if max(drawing.outlined_top, drawing.outlined_bottom) >= 0.045:
        return Look("meme", 0.75, "large outlined words across the picture, and no camera")
    return None


def _document(evidence: Evidence, writing: Writing) -> Look | None:
    drawing = evidence.drawing
    if drawing is None:
        return None
    if (scanner := scanned_by(evidence.tags)) and drawing.paper >= 0.5:
        return Look("document", 0.9, f"a page from {scanner}")
    if _may_be_of_a_screen(evidence):
        return None
    page = drawing.paper >= 0.5 and drawing.flat >= 0.3 and 0.005 < drawing.ink < 0.25
    if page and len(writing.lines) >= 8 and writing.words >= 60 and writing.reach >= 0.25:
        return Look("document", 0.9, "bright paper with lines of text from top to bottom")
    lines = drawing.lines >= 8 and 1.8 < drawing.strokes < 20
    if page and lines and drawing.paper >= 0.58:
        return Look("document", 0.6, "bright paper with many even lines; nobody has read them")
    return None


def _may_be_of_a_screen(evidence: Evidence) -> bool:
    """A page of an app is white and full of lines, too; scanners seldom keep every pixel."""
    size = evidence.size
    exact = evidence.mime in _EXACT and not has_camera(evidence.tags)
    return exact and size is not None and (is_of_a_screen(size) or is_phone_shaped(size))
