"""Text that flows, as documents without fixed pages hold it: paragraphs, and where a page ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CHARACTERS = 20_000_000  # of one document; some ten thick books
_OVERHEAD = 20  # what a paragraph costs beside its letters, in letters


@dataclass(frozen=True)
class Paragraph:
    """`heading`: 1 to 3, from large to small; 0: body. Tabs part the cells of a table."""

    text: str
    heading: int = 0


@dataclass
class Flow:
    """Pages in order, each with its paragraphs. `slides`: pages lie across. `picture`: one that the
    document brings to show itself, as bytes. `cut`: what was left out, in a sentence."""

    pages: list[list[Paragraph]] = field(default_factory=lambda: [[]])
    said: dict[str, Any] = field(default_factory=dict)
    slides: bool = False
    picture: bytes | None = None
    cut: str = ""
    _left: int = CHARACTERS

    def add(self, text: str, heading: int = 0) -> None:
        """A paragraph; an empty one is white space between others."""
        if self.full:
            return
        self._left -= len(text) + _OVERHEAD
        self.pages[-1].append(Paragraph(text, min(3, heading)))
        if self.full:
            self.cut = f"Only the first {CHARACTERS // 1_000_000} million characters were read."

    def break_page(self) -> None:
        """What follows begins a new page; of empty pages there are none."""
        if any(paragraph.text.strip() for paragraph in self.pages[-1]):
            self.pages.append([])

    @property
    def full(self) -> bool:
        return self._left < 0
