"""One folder of an export: who gets which name there, and what its names can tell."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.sources.takeout.exports import said
from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.files import File
from tests.sources.takeout.exports.naming import (
    Namer,
    counted,
    cut_stem,
    natural,
    sidecar_text,
    split,
)
from tests.sources.takeout.exports.photos import Made, Photo


@dataclass(frozen=True)
class Placed:
    """A photo that lies in a folder; json_only: there is nothing of it but its sidecar."""

    photo: Photo
    json_only: bool = False
    reencoded: bool = False  # other bytes than in the folder of its year


@dataclass
class _Written:
    photo: Photo
    stem: str  # cut, without counter
    extension: str
    number: int
    medium: File | None
    sidecar: File | None
    text: str  # the sidecar's name without counter
    open: bool

    @property
    def family(self) -> str:
        return self.stem + self.extension


class Folder:
    """Names all that lies in it: first the originals, then what was made from them."""

    def __init__(self, path: str, keep: bool, seed: int = 0) -> None:
        self.path, self.keep, self.seed = path, keep, seed
        self.media, self.sidecars = Namer(), Namer()
        self.files: list[File] = []
        self.described: dict[str, File] = {}  # by the name without counter, the latest

    def fill(self, placed: Sequence[Placed]) -> list[File]:
        ordered = sorted(placed, key=lambda p: (natural(p.photo.name), p.photo.number))
        written = [self._original(one) for one in ordered]
        self._find_open(written)
        families: dict[str, list[_Written]] = defaultdict(list)
        for one in written:
            families[one.family].append(one)
        for one in written:
            for made in one.photo.edited if one.medium else ():
                self._edited(one, made, crowded=len(families[one.family]) > 1)
        self._clips([one for one in written if one.photo.clip and one.medium], written)
        return self.files

    def _original(self, placed: Placed) -> _Written:
        photo = placed.photo
        stem, extension = split(photo.name)
        stem = cut_stem(stem, extension, photo.style, self.keep)
        name, number = self.media.give(stem, extension)
        text = sidecar_text(photo.described or photo.name, photo.style)
        sidecar = self._sidecar(photo, text) if photo.has_sidecar else None
        if photo.open and not sidecar:  # a forgotten copy
            sidecar = self.described.get(text)
        medium = None
        if photo.delivered and not placed.json_only:
            content = photo.content
            if placed.reencoded:
                content = Content(
                    content.kind, content.seed + (1 << 40), content.size, content.taken
                )
            medium = self._medium(photo, name, content)
            medium.sidecar = sidecar
            medium.expect = "owned" if sidecar else "none"
        elif sidecar:
            sidecar.alone = True
        return _Written(photo, stem, extension, number, medium, sidecar, text, photo.open)

    def _sidecar(self, photo: Photo, text: str) -> File:
        name, _ = self.sidecars.give(text, "")
        content = said.sidecar(photo, views=self.seed)
        file = File(f"{self.path}/{name}.json", "sidecar", content, photo)
        self.described[text] = file
        return self._file(file)

    def _medium(self, photo: Photo, name: str, content: Content) -> File:
        name = name if photo.composed else unicodedata.normalize("NFD", name)
        return self._file(File(f"{self.path}/{name}", "medium", content, photo))

    def _file(self, file: File) -> File:
        self.files.append(file)
        return file

    def _find_open(self, written: list[_Written]) -> None:
        """Names that begin alike are told apart by titles; not where one title stands twice, or
        an edited copy lies among those of its name."""
        alike: dict[str, list[_Written]] = defaultdict(list)
        for one in written:
            alike[one.text].append(one)
        for some in alike.values():
            families = {one.family for one in some}
            for one in some if len(families) > 1 else ():
                family = [other for other in some if other.family == one.family]
                titles = {other.photo.name for other in family}
                away = any(self._is_cut_away(other) for other in family)
                one.open = one.open or len(titles) < len(family) or away
        for one in written:
            if one.open and one.medium:
                one.medium.expect = "open"

    def _edited_stem(self, one: _Written, made: Made) -> str:
        stem, _ = split(one.photo.name)
        return cut_stem(stem + made.suffix, made.extension, one.photo.style, self.keep)

    def _is_cut_away(self, one: _Written) -> bool:
        return any(self._edited_stem(one, made) == one.stem for made in one.photo.edited)

    def _edited(self, one: _Written, made: Made, *, crowded: bool) -> None:
        stem = self._edited_stem(one, made)
        vague = one.open
        if stem == one.stem:  # nothing of the suffix is left, so that it gets a counter
            name, _ = self.media.give(stem, made.extension)
            vague = vague or crowded or not agree(made.content.captured, one.photo.taken)
        else:
            name = counted(stem, one.number, made.extension)
            assert name not in self.media.taken, name
            self.media.taken.add(name)
        copy = self._medium(one.photo, name, made.content)
        copy.original = one.medium
        self._derive(copy, one, vague)

    def _derive(self, copy: File, one: _Written, vague: bool) -> None:
        copy.sidecar = one.sidecar
        copy.expect = "open" if vague else "inherited" if one.sidecar else "none"

    def _clips(self, with_clips: list[_Written], written: list[_Written]) -> None:
        """Clips count for themselves, so that names alone seldom tell whose they are."""
        stills: dict[str, list[_Written]] = defaultdict(list)
        for one in written:
            if one.sidecar and split(one.photo.name)[1].lower() not in (".mp4", ".mov"):
                stills[one.stem.casefold()].append(one)
        named: dict[str, list[tuple[_Written, Made, int]]] = defaultdict(list)
        files = {}
        for one in with_clips:
            made = one.photo.clip
            assert made
            stem = one.stem.removesuffix(".MP") if made.extension == ".MP" else one.stem
            name, number = self.media.give(stem, made.extension)
            files[id(one)] = self._medium(one.photo, name, made.content)
            named[one.stem.casefold()].append((one, made, number))
        for stem, clips in named.items():
            for one, made, number in clips:
                files[id(one)].clip_of = one.medium
                rivals = stills[stem]
                sure = _is_told(one, made, rivals) or (
                    len(clips) == 1 and len(rivals) == 1 and number == one.number
                )
                self._derive(files[id(one)], one, one.open or not sure)


def _is_told(one: _Written, made: Made, rivals: list[_Written]) -> bool:
    """By Apple's identifier, or by its moment."""
    own = made.content.content_id
    if own and isinstance(one.photo.content, Content) and one.photo.content.content_id == own:
        return True
    captured = made.content.captured
    timely = [
        rival
        for rival in rivals
        if not (own and rival.medium and rival.photo.content.content_id)
        if agree(captured, rival.photo.taken)
        or (rival.medium and agree(captured, rival.photo.content.captured))
    ]
    return timely == [one]


def agree(one: datetime | None, other: datetime | None) -> bool:
    """Within seconds; up to a zone where one of the two has none."""
    if one is None or other is None:
        return False
    if (one.tzinfo is None) == (other.tzinfo is None):
        return abs((one - other).total_seconds()) <= 5
    naive, aware = (one, other) if one.tzinfo is None else (other, one)
    offset = aware.utcoffset()
    assert offset is not None
    apart = abs((aware.replace(tzinfo=None) - offset - naive).total_seconds())
    return apart <= 15 * 3600 and min(apart % 900, 900 - apart % 900) <= 5
