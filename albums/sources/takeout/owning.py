"""The sidecars of one folder that media own by their own names (rules 1 to 5 and 8)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from albums.sources.takeout.moments import contradict
from albums.sources.takeout.names import (
    SIDECAR_CUT,
    MediumName,
    could_be_titled,
    cuts,
    file_name_of,
    fold,
    is_medium_extension,
    medium_name,
    readings,
    split_extension,
    units,
)
from albums.sources.takeout.pairing import Medium, Pairing, Rule, Sidecar

Key = tuple[str, int | None]
Keys = tuple[tuple[Rule, tuple[Key, ...]], ...]


class OpenFolder:
    """What is still to be paired in a folder. Both lists come sorted."""

    def __init__(self, media: Sequence[Medium], sidecars: Sequence[Sidecar]) -> None:
        self.all = list(media)
        self.media = {medium.id: medium for medium in media}  # without a pairing so far
        self.sidecars = {sidecar.id: sidecar for sidecar in sidecars}  # that nobody has
        self.pairings: dict[str, Pairing] = {}
        self.contested: dict[str, Sidecar] = {}
        self._names: dict[str, MediumName] = {}
        self._families: dict[str, list[Medium]] | None = None

    def name(self, medium: Medium) -> MediumName:
        """Its name in parts, kept for the next question."""
        found = self._names.get(medium.id)
        if found is None:
            found = self._names[medium.id] = medium_name(medium.name)
        return found

    def family(self, plain: str) -> list[Medium]:
        """All media that have this name but for their counters."""
        if self._families is None:
            self._families = {}
            for medium in self.all:
                if "(" in medium.name:
                    self._families.setdefault(medium_name(medium.name).plain, []).append(medium)
            for medium in self.all:
                if medium.name in self._families and medium_name(medium.name).counter is None:
                    self._families[medium.name].append(medium)
        return self._families.get(plain, [])

    def pair(self, pairing: Pairing) -> None:
        """Done with this medium, and with the sidecars that are its own."""
        self.pairings[pairing.medium.id] = pairing
        self.media.pop(pairing.medium.id, None)
        delivered = (
            pairing.rule == "other extension" and not medium_name(pairing.medium.name).is_clip
        )
        if pairing.sidecar and (pairing.kind == "owned" or delivered):
            for sidecar in (pairing.sidecar, *pairing.also):
                self.sidecars.pop(sidecar.id, None)

    def contest(self, candidates: Sequence[Sidecar]) -> None:
        """Of these, nobody can have one that is still free."""
        for sidecar in candidates:
            if self.sidecars.pop(sidecar.id, None):
                self.contested[sidecar.id] = sidecar


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule by which a medium's name leads to a sidecar's."""

    rule: Rule
    text: str
    counter: int | None
    suffix: str  # what the sidecar's name has left of ".supplemental-metadata"
    sidecar: Sidecar

    @property
    def way(self) -> tuple[str, str, int | None]:
        return self.rule, self.text, self.counter


class Round:
    """All rules once over a folder, with exact or folded names."""

    def __init__(self, folder: OpenFolder, folded: bool) -> None:
        self.folder, self.folded = folder, folded
        self.fold: Callable[[str], str] = fold if folded else str
        self.read: dict[Key, list[tuple[Sidecar, str]]] = defaultdict(list)
        for sidecar in folder.sidecars.values():
            for reading in readings(sidecar.name):
                key = self.fold(reading.base), reading.counter
                self.read[key].append((sidecar, reading.suffix))

    def by_name(self, keys_of: Callable[[MediumName], Keys]) -> None:
        claims = {}
        for medium in self.folder.media.values():
            found = list(self._claims(keys_of(self.folder.name(medium))))
            if found:
                claims[medium.id] = found
        self.settle(claims)

    def _claims(self, keys: Keys) -> Iterator[Claim]:
        for rule, some in keys:
            for text, counter in some:
                for sidecar, suffix in self.read.get((self.fold(text), counter), ()):
                    if sidecar.id in self.folder.sidecars:
                        yield Claim(rule, text, counter, suffix, sidecar)

    def settle(self, claims: dict[str, list[Claim]]) -> None:
        """Owned where a medium and its sidecars have only each other; ambiguous otherwise."""
        claimants: dict[str, set[str]] = defaultdict(set)
        for medium_id, found in claims.items():
            for claim in found:
                claimants[claim.sidecar.id].add(medium_id)
        for medium_id, found in claims.items():
            alone = all(len(claimants[claim.sidecar.id]) == 1 for claim in found)
            self._decide(self.folder.media[medium_id], found, alone)

    def _decide(self, medium: Medium, found: list[Claim], alone: bool) -> None:
        options = found if len(found) == 1 else _one_a_sidecar(found)
        if alone and len(options) > 1 and len({claim.way for claim in options}) > 1:
            options = _told_by_title(self.folder.name(medium), options)
        sidecars = [claim.sidecar for claim in options]
        doubtful = any(self._is_doubtful(medium, claim) for claim in options)
        if alone and same_photo(sidecars) and _one_way(options) and not doubtful:
            self.own(medium, options[0].rule, *sidecars)
        else:
            self.leave([medium], options[0].rule, sidecars)

    def _is_doubtful(self, medium: Medium, claim: Claim) -> bool:
        """The counter may have been uploaded, and its own sidecar be in a part that is not here:
        the moments differ, and not every medium of this name has its sidecar."""
        if claim.rule != "counter moved" or not contradict(medium, claim.sidecar):
            return False
        text = self.fold(claim.text)
        return any(
            one.id in self.folder.media and (text, self.folder.name(one).counter) not in self.read
            for one in self.folder.family(claim.text)
        )

    def own(self, medium: Medium, rule: Rule, sidecar: Sidecar, *also: Sidecar) -> None:
        self.folder.pair(Pairing(medium, "owned", rule, sidecar, also=also, folded=self.folded))

    def leave(self, media: Sequence[Medium], rule: Rule, candidates: Sequence[Sidecar]) -> None:
        """All of these media are ambiguous, and no other rule may take the candidates."""
        listed = tuple(sorted(candidates, key=lambda s: (s.name, s.id)))
        self.folder.contest(listed)
        for medium in media:
            found = Pairing(medium, "ambiguous", rule, candidates=listed, folded=self.folded)
            self.folder.pair(found)

    def cuts(self, text: str) -> tuple[str, ...]:
        """The keys that a sidecar's name cut from this name can have."""
        composed = unicodedata.normalize("NFC", text) if self.folded else text
        both = cuts(text, SIDECAR_CUT) + cuts(composed, SIDECAR_CUT)
        return tuple(dict.fromkeys(map(self.fold, both)))


def exact_keys(name: MediumName) -> Keys:
    moved: tuple[Key, ...] = ((name.plain, name.counter),) if name.counter is not None else ()
    return (("exact", ((name.full, None),)), ("counter moved", moved))


def bare_keys(name: MediumName) -> Keys:
    """Titles without extension. At 46 units that looks like a cut, and is treated as one."""
    if not name.extension or is_medium_extension(split_extension(name.stem)[1]):
        return ()
    whole = name.stem not in cuts(name.plain, SIDECAR_CUT)
    added: tuple[Key, ...] = ((name.stem, name.counter),) if name.counter is not None else ()
    uploaded = not added or units(name.stem) < SIDECAR_CUT
    keys = (((name.counted_stem, None),) if uploaded else ()) + added
    return (("no extension", keys),) if whole else ()


def second_keys(name: MediumName) -> Keys:
    """IMG.MOV.mp4, IMG(1).JPG.jpeg and IMG.JPG(1).jpeg."""
    if not is_medium_extension(split_extension(name.stem)[1]):
        return ()
    first = medium_name(name.counted_stem)
    keys: list[Key] = [(name.counted_stem, None)]
    if name.counter is not None:
        keys.append((name.stem, name.counter))
    elif first.counter is not None:
        keys.append((first.plain, first.counter))
    return (("second extension", tuple(keys)),)


def short_keys(name: MediumName) -> Keys:
    """Sidecars whose cut went into the extension, by another measure than 46 units."""
    beginnings = (name.extension[:end] for end in range(2, len(name.extension)))
    return (("cut extension", tuple((name.stem + b, name.counter) for b in beginnings)),)


def same_photo(sidecars: Sequence[Sidecar]) -> bool:
    """Nothing that these say contradicts that they speak of one photo."""
    if len(sidecars) == 1:
        return True
    moments = {sidecar.taken for sidecar in sidecars} - {None}
    links = {sidecar.url or None for sidecar in sidecars} - {None}
    return len(moments) < 2 and len(links) < 2


def _one_a_sidecar(found: list[Claim]) -> list[Claim]:
    """Each sidecar once, the surest rule first, then the one with more of the suffix."""
    order = {claim.rule: place for place, claim in reversed(list(enumerate(found)))}
    ranked = sorted(
        found,
        key=lambda c: (order[c.rule], -len(c.suffix), c.sidecar.name, c.sidecar.id),
    )
    distinct: dict[str, Claim] = {}
    for claim in ranked:
        distinct.setdefault(claim.sidecar.id, claim)
    return list(distinct.values())


def _one_way(options: Sequence[Claim]) -> bool:
    """One reading of the name only, or Google's own link that says that it is one photo."""
    if len({claim.way for claim in options}) == 1:
        return True
    links = {claim.sidecar.url or None for claim in options}
    return len(links) == 1 and None not in links


def _told_by_title(name: MediumName, options: list[Claim]) -> list[Claim]:
    """Of a counter that was uploaded and one that was added, the one that the titles confirm."""
    if any(not claim.sidecar.title for claim in options):
        return options
    fitting = [claim for claim in options if _title_fits(name, claim)]
    return fitting if len({claim.way for claim in fitting}) == 1 else options


def _title_fits(name: MediumName, claim: Claim) -> bool:
    title = claim.sidecar.title or ""
    if name.counter is None or claim.counter is not None:
        return could_be_titled(name, title)
    return fold(file_name_of(title)) in (fold(name.full), fold(name.counted_stem))
