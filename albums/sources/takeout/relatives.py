"""Who could lend a sidecar in a folder: its media and waiting sidecars, by stem and counter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from albums.sources.takeout.editing import strips
from albums.sources.takeout.names import (
    SIDECAR_CUT,
    MediumName,
    cuts,
    fold,
    is_medium_extension,
    medium_name,
    readings,
    split_extension,
    units,
)
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Medium, Sidecar


@dataclass(frozen=True, slots=True)
class Kin:
    """Where a medium may inherit from: a medium beside it, or the sidecar of one that is not."""

    name: MediumName | None
    medium: Medium | None
    sidecar: Sidecar | None  # None: this medium has no sidecar to pass on
    options: tuple[Sidecar, ...] = ()  # what the medium itself is ambiguous about

    @property
    def extension(self) -> str:
        return self.name.extension.lower() if self.name else ""


@dataclass(frozen=True, slots=True)
class _Twins:
    """Media of one name: the original, where one of two has a sidecar; else what they may have."""

    original: Kin | None
    candidates: tuple[Sidecar, ...]

    @classmethod
    def of(cls, kin: list[Kin]) -> _Twins:
        having = [k for k in kin if k.sidecar or k.options]
        if not any(k.name and k.name.counter is None for k in having):
            return cls(None, ())
        listed = {sidecar.id: sidecar for sidecar in sidecars_of(having)}
        alone = len(kin) == 2 and len(having) == 1 and having[0].sidecar is not None
        return cls(having[0] if alone else None, tuple(sorted(listed.values(), key=place)))


class Relatives:
    """A folder's unowned sidecars, and the media that may be related to those without a pairing,
    by folded stem and counter."""

    def __init__(self, folder: OpenFolder) -> None:
        self.folder = folder
        self._twins: dict[tuple[str, str], _Twins] = {}
        self.media: dict[str, dict[int | None, list[Medium]]] = defaultdict(dict)
        wanted = _wanted(folder)
        for medium in folder.all:
            name = medium_name(medium.name)
            if wanted.isdisjoint((fold(name.stem), fold(name.counted_stem))):
                continue
            self.media[fold(name.stem)].setdefault(name.counter, []).append(medium)
            if name.counter is not None and name.stem[-1:].isspace():  # perhaps an uploaded counter
                self.media[fold(name.counted_stem)].setdefault(None, []).append(medium)
        self.sidecars: dict[str, dict[int | None, list[tuple[str, Sidecar]]]] = defaultdict(dict)
        for sidecar in (*folder.sidecars.values(), *folder.contested.values()):
            for reading in readings(sidecar.name):
                stem, extension = split_extension(reading.base)
                if not is_medium_extension(extension):  # a title without one
                    stem, extension = reading.base, ""
                by_counter = self.sidecars[fold(stem)]
                by_counter.setdefault(reading.counter, []).append((extension, sidecar))

    def kin(self, medium: Medium) -> Kin:
        name = self.folder.name(medium)
        found = self.folder.pairings.get(medium.id)
        if found is None:
            return Kin(name, medium, None)
        return Kin(name, medium, found.sidecar, found.candidates)

    def of(self, stem: str, counter: int | None, extension: str) -> list[Kin]:
        """All that have this stem and counter: media first; absent ones by their sidecars."""
        whole = stem + fold(extension)
        for key in (stem, whole):  # whole: IMG.JPG.jpeg is the original of IMG-edited.JPG
            if media := self.media.get(key, {}).get(counter, []):
                return [self.kin(medium) for medium in media]
        free = list(self.sidecars.get(stem, {}).get(counter, []))
        if units(whole) > SIDECAR_CUT:
            for cut in map(fold, cuts(whole, SIDECAR_CUT)):
                free += self.sidecars.get(cut, {}).get(counter, [])
        return self.absent(stem, counter, free)

    def absent(
        self, stem: str, counter: int | None, described: list[tuple[str, Sidecar]]
    ) -> list[Kin]:
        """Media that are not here, as their sidecars describe them."""
        distinct = {sidecar.id: (ending, sidecar) for ending, sidecar in reversed(described)}
        found = []
        for key in sorted(distinct):
            ending, sidecar = distinct[key]
            name = MediumName(stem + ending, stem, counter, ending)
            contested = key in self.folder.contested
            options = (sidecar,) if contested else ()
            found.append(Kin(name, None, None if contested else sidecar, options))
        return found

    def twins(self, stem: str, extension: str) -> _Twins:
        """All media of this name, whatever their counters; all of them get the one answer."""
        key = stem, extension
        if key not in self._twins:
            by_counter = self.media.get(stem, {}).values()
            kin = [self.kin(medium) for media in by_counter for medium in media]
            self._twins[key] = _Twins.of([k for k in kin if k.extension == extension])
        return self._twins[key]

    def counters(self, stem: str) -> set[int | None]:
        return set(self.media.get(stem, {})) | set(self.sidecars.get(stem, {}))


def sidecars_of(kin: Iterable[Kin]) -> Iterator[Sidecar]:
    for one in kin:
        yield from (one.sidecar,) if one.sidecar else one.options


def place(sidecar: Sidecar) -> tuple[str, str]:
    return sidecar.name, sidecar.id


def _wanted(folder: OpenFolder) -> set[str]:
    """The stems at which relatives of media without a pairing may be."""
    found = set()
    for medium in folder.media.values():
        name = folder.name(medium)
        stems = {fold(name.stem), fold(name.full), *(strip.stem for strip in strips(name))}
        found |= stems | {stem + fold(name.extension) for stem in stems}
    return found
