"""Media and sidecars that have only each other, which is nearly all of them: paired one at a time,
so that the rest of the matching keeps only in memory what is left."""

from __future__ import annotations

from collections.abc import Iterator

from albums.sources.takeout.moments import contradict
from albums.sources.takeout.names import medium_name, readings
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Medium, Pairing, Rule, Sidecar

_Found = tuple[Sidecar, Rule]


def own_plain(folder: OpenFolder) -> None:
    """What `Round.by_name(exact_keys)` would give, for the pairs that touch no others."""
    named = _Named(folder)
    found: dict[str, _Found | None] = {}  # None: several
    for sidecar in folder.sidecars.values():
        claims = list(named.claims(sidecar))
        alone = len(claims) == 1
        for medium, rule in claims:
            found[medium.id] = (sidecar, rule) if alone and medium.id not in found else None
    for medium in folder.all:
        one = found.get(medium.id)
        if one and not (one[1] == "counter moved" and contradict(medium, one[0])):
            folder.pair(Pairing(medium, "owned", one[1], one[0]))


class _Named:
    """A folder's media by their names, and by those without their counters."""

    def __init__(self, folder: OpenFolder) -> None:
        self.whole: dict[str, list[Medium] | Medium] = {}
        self.counted: dict[tuple[str, int], list[Medium]] = {}
        for medium in folder.media.values():
            others = self.whole.setdefault(medium.name, medium)
            if others is not medium:
                several = others if isinstance(others, list) else [others]
                self.whole[medium.name] = [*several, medium]
            name = medium_name(medium.name) if "(" in medium.name else None
            if name and name.counter is not None:
                self.counted.setdefault((name.plain, name.counter), []).append(medium)

    def claims(self, sidecar: Sidecar) -> Iterator[tuple[Medium, Rule]]:
        """Each medium that a reading of this sidecar's name leads to, once for every reading."""
        for reading in readings(sidecar.name):
            if reading.counter is None:
                some = self.whole.get(reading.base, [])
                for medium in some if isinstance(some, list) else (some,):
                    yield medium, "exact"
            else:
                for medium in self.counted.get((reading.base, reading.counter), ()):
                    yield medium, "counter moved"
