"""A library with known truth, named as Google names it: the rules forwards, written on their own.

Works on UTF-16 bytes, and knows nothing of the matching. One folder; `truth` maps each medium to
the sidecar that speaks of it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from albums.sources.takeout.pairing import Medium, Sidecar

SUPPLEMENT = ".supplemental-metadata"
Style = Literal["old", "new", "uncut"]
STEMS = (
    "IMG_{n:04}",
    "DSC{n:05}",
    "PXL_20240{d}01_0943318{n:02}.PORTRAIT",
    "Screenshot_20240{d}27-123303_Samsung Internet Browser {n}",
    "Urlaub auf dem Bauernhof in der Südsteiermark ({n})",
    "été à la plage {n}",
    "😀😃😄😁😆😅😂🤣🥲😊😇🙂🙃😉😌😍🥰😘😗😙😚{n:03}😋😛😝",
    "original_1d4caa6f-16c6-4c3d-901b-{n:012}_PXL_2022",
    "holiday/{n}: the best",
)


def cut(text: str, limit: int) -> str:
    """The first units; a pair that would be split is dropped."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


@dataclass
class Namer:
    """The names given so far in a folder: the second of a name gets "(1)", and so on."""

    taken: set[str] = field(default_factory=set)

    def give(self, stem: str, extension: str) -> tuple[str, int]:
        number, name = 0, stem + extension
        while name in self.taken:
            number += 1
            name = f"{stem}({number}){extension}"
        self.taken.add(name)
        return name, number


@dataclass(frozen=True)
class Photo:
    """What was uploaded."""

    title: str
    edited: bool = False
    clip: bool = False

    @property
    def order(self) -> tuple[tuple[bool, int, str], ...]:
        """Google numbers names that collide in the natural order of the titles."""
        parts = re.findall(r"[0-9]+|[^0-9]+", self.title.casefold())
        return tuple((p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts)


@dataclass
class Named:
    media: list[Medium] = field(default_factory=list)
    sidecars: list[Sidecar] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    undecidable: set[str] = field(default_factory=set)  # media


@dataclass(frozen=True)
class _Written:
    photo: Photo
    stem: str  # cut, without counter
    extension: str
    number: int
    sidecar: Sidecar
    cut: str  # the sidecar's name without counter
    moment: datetime

    @property
    def family(self) -> str:
        return self.stem + self.extension


class Google:
    """Writes an export of one folder."""

    def __init__(self, style: Style, suffix: str, folder: str = "Photos") -> None:
        self.style, self.suffix, self.folder = style, suffix, folder
        self.made = Named()
        self.media_names, self.sidecar_names = Namer(), Namer()

    def export(self, photos: list[Photo]) -> Named:
        """All originals, then what was made from them: that is what gets the later counters."""
        ordered = sorted(photos, key=lambda photo: photo.order)
        written = [self._original(photo, at) for at, photo in enumerate(ordered)]
        vague = [one for one in written if self._is_vague(one, written)]
        for one in written:
            self._note(self._name(one), one, one.moment, one in vague)
        for one in written:
            if one.photo.clip:
                name, _ = self.media_names.give(one.stem, ".MP4")
                self._note(name, one, one.moment - timedelta(seconds=1), False)
            if one.photo.edited:
                self._edited(one, written, one in vague)
        return self.made

    def _original(self, photo: Photo, at: int) -> _Written:
        full = re.sub(r"[/:]", "_", photo.title)
        stem, dot, extension = full.rpartition(".")
        stem, extension = self._cut(stem, dot + extension), dot + extension
        _, number = self.media_names.give(stem, extension)
        whole = full if self.style == "old" else full + SUPPLEMENT
        whole = whole if self.style == "uncut" else cut(whole, 46)
        name, _ = self.sidecar_names.give(whole, "")
        moment = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=7 * at)
        sidecar = Sidecar(
            f"{self.folder}/{name}.json", self.folder, f"{name}.json", photo.title, moment, f"u{at}"
        )
        self.made.sidecars.append(sidecar)
        return _Written(photo, stem, extension, number, sidecar, whole, moment)

    def _edited(self, one: _Written, written: list[_Written], vague: bool) -> None:
        stem = self._cut(one.stem + self.suffix, one.extension)
        if self._is_cut_away(one):  # nothing of the suffix is left
            name, _ = self.media_names.give(stem, one.extension)
            vague = vague or self._is_crowded(one, written)
        else:
            name = stem + (f"({one.number})" if one.number else "") + one.extension
        self._note(name, one, one.moment, vague)

    def _is_vague(self, one: _Written, written: list[_Written]) -> bool:
        """Its name begins like another one, and either its title stands twice or an edited copy
        lies among those of its name: nothing tells whose sidecar is whose."""
        family = [other for other in written if other.family == one.family]
        titles = {other.photo.title for other in family}
        twins = any(other.cut == one.cut and other.family != one.family for other in written)
        return twins and (len(titles) < len(family) or any(map(self._is_cut_away, family)))

    def _is_crowded(self, one: _Written, written: list[_Written]) -> bool:
        """Is an edited copy that was cut to its original's name not the only one of that name?"""
        family = [other for other in written if other.family == one.family]
        return len(family) > 1

    def _is_cut_away(self, one: _Written) -> bool:
        return one.photo.edited and self._cut(one.stem + self.suffix, one.extension) == one.stem

    def _name(self, one: _Written) -> str:
        return one.stem + (f"({one.number})" if one.number else "") + one.extension

    def _cut(self, stem: str, extension: str) -> str:
        return stem if self.style == "uncut" else cut(stem, 51 - len(extension))

    def _note(self, name: str, one: _Written, moment: datetime, vague: bool) -> None:
        key = f"{self.folder}/{name}"
        assert key not in self.made.truth, key
        self.made.media.append(Medium(key, self.folder, name, captured=moment))
        self.made.truth[key] = one.sidecar.id
        if vague:
            self.made.undecidable.add(key)


def library(seed: int, style: Style, suffix: str, photos: int) -> Named:
    """Photos of all name shapes; some names twice, some with an edited copy or a clip."""
    chance = random.Random(seed)
    made = []
    for number in range(photos):
        shape = chance.choice(STEMS).format(n=number, d=number % 9 + 1)
        title = shape + chance.choice([".jpg", ".HEIC", ".JPG", ".png", ".jpeg"])
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            made.append(Photo(title, edited=chance.random() < 0.2))
        if chance.random() < 0.2:
            made.append(Photo(f"LIVE_{number}.HEIC", clip=True))
    return Google(style, suffix).export(made)
