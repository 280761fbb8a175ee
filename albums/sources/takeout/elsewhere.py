"""Sidecars without a medium beside them: the photo of another folder, or one not delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from albums.sources.takeout.moments import confirm
from albums.sources.takeout.names import could_be_titled, file_name_of, fold, medium_name
from albums.sources.takeout.pairing import Leftover, Medium, Pairing, Sidecar

_MOST_LISTED = 20


def settle_leftovers(
    pairings: Sequence[Pairing], free: Iterable[Sidecar], contested: Iterable[Sidecar]
) -> tuple[Leftover, ...]:
    """What became of each, in the order of paths."""
    left = list(free)
    known = _Known(pairings, left) if left else None
    found = [known.find(sidecar) for sidecar in left] if known else []
    found += [Leftover(sidecar, "contested") for sidecar in contested]
    return tuple(sorted(found, key=lambda f: (f.sidecar.folder, f.sidecar.name, f.sidecar.id)))


class _Known:
    """Owned photos by Google's link and by title and moment, as far as anybody asks for them; the
    unowned ones by name."""

    def __init__(self, pairings: Sequence[Pairing], asked: Sequence[Sidecar]) -> None:
        self._urls = {sidecar.url for sidecar in asked}
        self._moments = {(sidecar.title, sidecar.taken) for sidecar in asked}
        self.by_url: dict[str, Pairing] = {}
        self.by_moment: dict[tuple[str, datetime], list[Pairing]] = defaultdict(list)
        self.by_name: dict[str, list[Medium]] = defaultdict(list)
        for pairing in pairings:
            if pairing.kind == "owned" and pairing.sidecar:
                for sidecar in (pairing.sidecar, *pairing.also):
                    self._learn(sidecar, pairing)
            elif pairing.kind == "none":
                self.by_name[fold(medium_name(pairing.medium.name).stem)].append(pairing.medium)

    def _learn(self, sidecar: Sidecar, pairing: Pairing) -> None:
        if sidecar.url and sidecar.url in self._urls:
            self.by_url.setdefault(sidecar.url, pairing)
        if sidecar.title and sidecar.taken and (sidecar.title, sidecar.taken) in self._moments:
            self.by_moment[sidecar.title, sidecar.taken].append(pairing)

    def find(self, sidecar: Sidecar) -> Leftover:
        if sidecar.url and (found := self.by_url.get(sidecar.url)):
            return Leftover(sidecar, "elsewhere", "url", found.medium)
        if sidecar.title and sidecar.taken:
            return self._by_moment(sidecar, sidecar.title, sidecar.taken)
        return self._by_name(sidecar)

    def _by_moment(self, sidecar: Sidecar, title: str, taken: datetime) -> Leftover:
        pairings = self.by_moment.get((title, taken), [])
        if not pairings:
            return self._by_name(sidecar)
        links = {p.sidecar.url or "" for p in pairings if p.sidecar}
        bytes_ = {p.medium.sha256 or p.medium.id for p in pairings}
        one_photo = (len(links) == 1 and "" not in links) or len(bytes_) == 1
        if one_photo and not (sidecar.url and links != {""}):
            return Leftover(sidecar, "elsewhere", "title and time", pairings[0].medium)
        listed = tuple(p.medium for p in pairings[:_MOST_LISTED])
        return Leftover(sidecar, "ambiguous", "title and time", candidates=listed)

    def _by_name(self, sidecar: Sidecar) -> Leftover:
        """A medium without any sidecar proves itself only by its own moment."""
        named = self._named(sidecar.title or "")
        timely = [m for m in named if confirm(m, sidecar)]
        if len({m.sha256 or m.id for m in timely}) == 1:
            return Leftover(sidecar, "elsewhere", "name and time", timely[0])
        listed = tuple(timely or [m for m in named if not m.captured or not sidecar.taken])
        if listed:
            return Leftover(sidecar, "ambiguous", "name and time", candidates=listed)
        return Leftover(sidecar, "missing")

    def _named(self, title: str) -> list[Medium]:
        stem = fold(medium_name(file_name_of(title)).stem)
        found = self.by_name.get(stem, [])[:_MOST_LISTED] if title else []
        return [m for m in found if could_be_titled(medium_name(m.name), title)]
