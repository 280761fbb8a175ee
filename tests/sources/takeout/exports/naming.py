"""Google's names, forwards: what a title becomes in an export. Knows nothing of the matching.

Counts in UTF-16 units. Every folder gives out its own counters.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

SUPPLEMENT = ".supplemental-metadata"
Style = Literal["old", "new", "shorter", "uncut", "odd"]


def cut(text: str, limit: int, *, keep: bool = False) -> str:
    """The first units. A pair that would be split is dropped, or kept whole."""
    units = text.encode("utf-16-le")
    end = 2 * limit
    if keep and end < len(units) and 0xD8 <= units[end - 1] <= 0xDB:
        end += 2
    return units[:end].decode("utf-16-le", "ignore")


def as_file_name(title: str) -> str:
    """What file systems refuse becomes an underscore."""
    return re.sub(r"""[/\\:*?"'<>|&%#{}]""", "_", title)


def split(name: str) -> tuple[str, str]:
    """Stem and extension of an uploaded name."""
    stem, dot, extension = name.rpartition(".")
    return (stem, dot + extension) if dot and " " not in extension else (name, "")


def cut_stem(stem: str, extension: str, style: Style, keep: bool) -> str:
    """A medium's name is cut at 51 units with its extension."""
    return stem if style == "uncut" else cut(stem, 51 - len(extension), keep=keep)


def sidecar_text(described: str, style: Style) -> str:
    """A sidecar's name without its counter and ".json"."""
    if style == "old":
        return cut(described, 46)
    if style == "uncut":
        return described + SUPPLEMENT
    if style == "odd":
        return cut(described + ".metadata", 46)
    return cut(described + SUPPLEMENT, 45 if style == "shorter" else 46)


@dataclass
class Namer:
    """The names given so far in a folder: the second of a name gets "(1)", and so on."""

    taken: set[str] = field(default_factory=set)
    next: Counter[str] = field(default_factory=Counter)

    def give(self, stem: str, extension: str) -> tuple[str, int]:
        """A name that nobody has, and its counter, 0 for none."""
        number = self.next[stem + extension]
        while (name := counted(stem, number, extension)) in self.taken:
            number += 1
        self.next[stem + extension] = number + 1
        self.taken.add(name)
        return name, number


def counted(stem: str, number: int, extension: str) -> str:
    return f"{stem}({number}){extension}" if number else stem + extension


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sorts "b2" before "b10", as Google numbers names that begin alike."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
