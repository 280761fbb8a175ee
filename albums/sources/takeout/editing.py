"""What edited copies and Google creations are called: their suffixes in all languages, and cuts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from albums.sources.takeout.names import MediumName, fold

EDITED = (
    "-edited",
    "-bearbeitet",
    "-modifié",
    "-modifiée",
    "-modificato",
    "-modificata",
    "-ha editado",
    "-editado",
    "-editada",
    "-editat",
    "-bewerkt",
    "-edytowane",
    "-edytowany",
    "-編集済み",
    "-编辑",
    "-已编辑",
    "-已修改",
    "-修改",
    "-已編輯",
    "-muokattu",
    "-düzenlendi",
    "-измененный",
    "-изменено",
    "-отредактировано",
    "-편집됨",
    "-відредаговано",
    "-redigeret",
    "-redigerad",
    "-redigert",
    "-upravené",
    "-upraveno",
    "-szerkesztett",
    "-επεξεργασμένο",
    "-แก้ไขแล้ว",
)
CREATIONS = ("-effects", "-animation", "-collage", "-mix", "-smile", "-motion", "-movie")
_LISTED = tuple(sorted(map(fold, EDITED + CREATIONS)))
_SHORTEST_CUT = 3  # "-ed": on a short name even that is only a possibility
_UNLISTED = re.compile(r"(.+?)(-[^\W\d_][^\W\d]*(?: [^\W\d]+)*|~[0-9]{1,2})", re.DOTALL)
_ORIGINAL = re.compile(r"original_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_(.+)", re.DOTALL)

Kind = Literal["listed", "cut", "perhaps cut", "unlisted"]


@dataclass(frozen=True, slots=True)
class Strip:
    """What is left of an edited copy's stem without its suffix, folded, and what that suffix was.

    cut: a listed suffix that Google cut with the name. perhaps cut: the same on a name too short
    for that. unlisted: a word that no list knows; it needs the original beside it.
    """

    stem: str
    kind: Kind
    suffix: str


def strips(name: MediumName) -> Iterator[Strip]:
    """Suffixes taken off one at a time, the surest reading of each first."""
    stem = fold(name.stem)
    while found := _listed(stem):
        yield Strip(found, "listed", stem[len(found) :])
        stem = found
    if cut := _cut(stem):
        yield Strip(cut, "cut" if name.is_full else "perhaps cut", stem[len(cut) :])
    if unlisted := _UNLISTED.fullmatch(stem):
        yield Strip(unlisted.group(1), "unlisted", unlisted.group(2))
    if original := _ORIGINAL.fullmatch(stem):
        yield Strip(original.group(1), "unlisted", "original_")


def _listed(stem: str) -> str | None:
    """Without the longest listed suffix at its end."""
    lengths = [len(s) for s in _LISTED if stem.endswith(s) and len(stem) > len(s)]
    return stem[: -max(lengths)] if lengths else None


def _cut(stem: str) -> str | None:
    """Without the beginning of a listed suffix at its end."""
    begin = stem.rfind("-")
    tail = stem[begin:]
    if begin <= 0 or not any(suffix.startswith(tail) for suffix in _LISTED):
        return None
    return stem[:begin]


def is_telling(strip: Strip) -> bool:
    """Is a cut suffix long enough to be taken for one on a short name?"""
    return len(strip.suffix) >= _SHORTEST_CUT
