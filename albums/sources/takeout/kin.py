"""What a medium without a sidecar may take from another: edited copies and clips (rules 6, 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from albums.sources.takeout.editing import Strip, is_telling, strips
from albums.sources.takeout.names import (
    SIDECAR_CUT,
    MediumName,
    cuts,
    fold,
    is_medium_extension,
    split_extension,
    units,
)
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Kind, Medium, Pairing, Rule, Sidecar

_SECONDS = 5  # a clip begins a little before its still, and edits keep the moment
_QUARTER = 15 * 60  # all zones differ by quarters of an hour,
_WIDEST_ZONE = 15 * 3600  # and by no more than this
_MOST_COMPARED = 100  # stills of one name; beyond, only their names and links could tell


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
        listed = {sidecar.id: sidecar for sidecar in _sidecars(having)}
        alone = len(kin) == 2 and len(having) == 1 and having[0].sidecar is not None
        return cls(having[0] if alone else None, tuple(sorted(listed.values(), key=_place)))


class Relatives:
    """A folder's media and unowned sidecars by folded stem and counter."""

    def __init__(self, folder: OpenFolder) -> None:
        self.folder = folder
        self._twins: dict[tuple[str, str], _Twins] = {}
        self.media: dict[str, dict[int | None, list[Medium]]] = defaultdict(dict)
        for medium in _all_media(folder):
            name = folder.names[medium.id]
            self.media[fold(name.stem)].setdefault(name.counter, []).append(medium)
            if name.stem[-1:].isspace():  # its counter may as well have been uploaded
                self.media[fold(name.counted_stem)].setdefault(None, []).append(medium)
        self.sidecars: dict[str, dict[int | None, list[tuple[str, Sidecar]]]] = defaultdict(dict)
        for sidecar in (*folder.sidecars.values(), *folder.contested.values()):
            for reading in folder.readings[sidecar.id]:
                stem, extension = split_extension(reading.base)
                if not is_medium_extension(extension):  # a title without one
                    stem, extension = reading.base, ""
                by_counter = self.sidecars[fold(stem)]
                by_counter.setdefault(reading.counter, []).append((extension, sidecar))

    def kin(self, medium: Medium) -> Kin:
        name = self.folder.names[medium.id]
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


def pair_edited(folder: OpenFolder) -> None:
    """Edited copies and other variants; shorter names first, because suffixes chain."""
    relatives = Relatives(folder)
    rivals = _unlisted_suffixes(folder)
    for medium in sorted(folder.media.values(), key=lambda m: (len(m.name), m.name, m.id)):
        found = _edited(relatives, medium, rivals)
        if found:
            folder.pair(found)


def _unlisted_suffixes(folder: OpenFolder) -> dict[tuple[str, int | None], set[str]]:
    """Beside an original, a suffix; more than one of them are names, not suffixes."""
    found: dict[tuple[str, int | None], set[str]] = defaultdict(set)
    for medium in folder.media.values():
        name = folder.names[medium.id]
        for strip in strips(name):
            if strip.kind == "unlisted":
                found[strip.stem, name.counter].add(strip.suffix)
    return found


def _edited(
    relatives: Relatives, medium: Medium, rivals: dict[tuple[str, int | None], set[str]]
) -> Pairing | None:
    name = relatives.folder.names[medium.id]
    for strip in strips(name):
        kin, numbered = _originals(relatives, strip.stem, name)
        beside = [k for k in kin if k.medium is not None]
        if strip.kind == "unlisted":
            if any(k.sidecar for k in beside):
                alone = len(rivals[strip.stem, name.counter]) == 1
                return _inherit(medium, name, beside, "variant", alone and numbered)
        elif strip.kind == "perhaps cut":
            if kin and is_telling(strip):
                return _inherit(medium, name, kin, "edited, cut", bool(beside) and numbered)
        elif any(k.sidecar or k.options for k in kin):
            return _inherit(medium, name, kin, _rule_of(strip), numbered)
        elif beside and strip.kind == "listed" and not _goes_on(strip):
            return Pairing(medium, "none", "edited", original=beside[0].medium)
    return _cut_away(relatives, medium, name)


def _goes_on(strip: Strip) -> bool:
    return any(strip.stem.endswith(end) for end in ("-effects", "-edited"))


def _rule_of(strip: Strip) -> Rule:
    return "edited" if strip.kind == "listed" else "edited, cut"


def _originals(relatives: Relatives, stem: str, name: MediumName) -> tuple[list[Kin], bool]:
    """Those of the same counter. A counter of its own is no doubt where there is one original."""
    kin = relatives.of(stem, name.counter, name.extension)
    if kin or name.counter is None:
        return kin, True
    others = relatives.counters(stem)
    kin = relatives.of(stem, None, name.extension)
    return kin, others <= {None}


def _cut_away(relatives: Relatives, medium: Medium, name: MediumName) -> Pairing | None:
    """An edited copy cut to the very name of its original: it has only a counter of its own."""
    if name.counter is None or not name.is_full:
        return None
    twins = relatives.twins(fold(name.stem), name.extension.lower())
    if twins.original:
        return _inherit(medium, name, [twins.original], "edited, cut away", True)
    if twins.candidates:
        return Pairing(medium, "ambiguous", "edited, cut away", candidates=twins.candidates)
    return None


def _inherit(
    medium: Medium, name: MediumName, kin: Sequence[Kin], rule: Rule, sure: bool
) -> Pairing:
    """From the one that it can be; ambiguous where several could, or where moments differ."""
    chosen = _closest(name, kin)
    sidecars = {s.id: s for k in chosen for s in ((k.sidecar,) if k.sidecar else k.options) if s}
    owned = [k for k in chosen if k.sidecar]
    if sure and len(sidecars) == 1 and len(owned) == len(chosen) and not _differ(medium, owned):
        return Pairing(medium, "inherited", rule, owned[0].sidecar, original=owned[0].medium)
    listed = tuple(sorted(sidecars.values(), key=lambda s: (s.name, s.id)))
    original = chosen[0].medium if len(chosen) == 1 else None
    kind: Kind = "ambiguous" if listed else "none"
    return Pairing(medium, kind, rule, candidates=listed, original=original)


def _closest(name: MediumName, kin: Sequence[Kin]) -> list[Kin]:
    """Of several originals, the one of the same extension; else stills before their clips."""
    same = [k for k in kin if k.extension == name.extension.lower()]
    if same:
        return same
    stills = [k for k in kin if k.name and not k.name.is_clip]
    having = [k for k in stills or kin if k.sidecar or k.options]
    return having or list(kin)


def _differ(medium: Medium, kin: Iterable[Kin]) -> bool:
    """Do the files' own moments speak against it? (Google's may have been corrected by hand.)"""
    moments = [k.medium.captured for k in kin if k.medium and k.medium.captured]
    return bool(medium.captured and moments) and not any(
        agree(medium.captured, moment) for moment in moments if medium.captured
    )


def agree(one: datetime, other: datetime) -> bool:
    """Within seconds; where only one of the two knows its zone, up to a zone."""
    zones = (one.tzinfo is not None) + (other.tzinfo is not None)
    if zones != 1:
        return abs((one - other).total_seconds()) <= _SECONDS
    apart = abs((one.replace(tzinfo=None) - _naive(other)).total_seconds())
    if one.tzinfo is not None:
        apart = abs((_naive(one) - other).total_seconds())
    rest = apart % _QUARTER
    return apart <= _WIDEST_ZONE and min(rest, _QUARTER - rest) <= _SECONDS


def _naive(moment: datetime) -> datetime:
    """UTC without saying so."""
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None) - offset if offset else moment.replace(tzinfo=None)


def pair_companions(folder: OpenFolder) -> None:
    """Clips, raw twins and downloads under another extension, by Apple's identifier or by name."""
    relatives = Relatives(folder)
    by_identifier = _by_identifier(relatives)
    found = []
    for medium in folder.media.values():
        pairing = _identified(folder, medium, by_identifier)
        found += [pairing] if pairing else []
    for pairing in found:
        folder.pair(pairing)
    for stem, media in _by_stem(folder).items():
        _pair_family(relatives, stem, media)


def _by_identifier(relatives: Relatives) -> dict[str, list[Kin]]:
    found: dict[str, list[Kin]] = defaultdict(list)
    for medium in _all_media(relatives.folder):
        kin = relatives.kin(medium)
        if medium.content_identifier and kin.sidecar and kin.name and not kin.name.is_clip:
            found[medium.content_identifier].append(kin)
    return found


def _identified(
    folder: OpenFolder, medium: Medium, by_identifier: dict[str, list[Kin]]
) -> Pairing | None:
    kin = by_identifier.get(medium.content_identifier or "", [])
    if not kin:
        return None
    name = folder.names[medium.id]
    if len(kin) > 1:
        named = [k for k in kin if k.name and fold(k.name.stem) == fold(name.stem)]
        exact = [k for k in named if k.name and k.name.counter == name.counter]
        kin = exact if len(exact) == 1 else kin
    sidecars = {k.sidecar.id: k.sidecar for k in kin if k.sidecar}
    if len(sidecars) == 1:
        return Pairing(
            medium, "inherited", "content identifier", kin[0].sidecar, original=kin[0].medium
        )
    return Pairing(medium, "ambiguous", "content identifier", candidates=tuple(sidecars.values()))


def _by_stem(folder: OpenFolder) -> dict[str, list[Medium]]:
    found: dict[str, list[Medium]] = defaultdict(list)
    for medium in folder.media.values():
        found[fold(folder.names[medium.id].stem)].append(medium)
    return found


def _pair_family(relatives: Relatives, stem: str, media: list[Medium]) -> None:
    """All media of one stem that have no sidecar, against all that could lend them one."""
    folder = relatives.folder
    stills = _lenders(relatives, stem)
    whole = {fold(folder.names[m.id].full) for m in media}
    for full in sorted(whole):  # X.MP beside X.MP.jpg
        stills += [k for k in _lenders(relatives, full) if full != stem]
    if not stills:
        return
    clips = [medium for medium in media if folder.names[medium.id].is_clip]
    if clips:
        _pair_all(folder, clips, stills)
    by_counter: dict[int | None, list[Medium]] = defaultdict(list)
    for medium in media:
        if medium.id in folder.media and not folder.names[medium.id].is_clip:
            by_counter[folder.names[medium.id].counter].append(medium)
    lending: dict[int | None, list[Kin]] = defaultdict(list)
    for kin in stills:
        lending[kin.name.counter if kin.name else None].append(kin)
    for counter, some in by_counter.items():  # of stills, another counter is another photo
        able = [k for k in lending.get(counter, ()) if _may_lend(folder.names[some[0].id], k)]
        if able:
            _pair_all(folder, some, able)


def _pair_all(folder: OpenFolder, media: list[Medium], stills: list[Kin]) -> None:
    candidates = tuple(sorted({s.id: s for s in _sidecars(stills)}.values(), key=_place))
    alone = len(stills) == 1 and len(media) == 1
    for medium in media:
        fitting = [k for k in stills[:_MOST_COMPARED] if not _of_others(medium, k)]
        folder.pair(_companion(folder, medium, fitting, alone, candidates))


def _companion(
    folder: OpenFolder,
    medium: Medium,
    stills: list[Kin],
    alone: bool,
    candidates: tuple[Sidecar, ...],
) -> Pairing:
    name = folder.names[medium.id]
    if not stills:
        return Pairing(medium, "none")
    only = stills[0]
    counted = only.name is not None and only.name.counter == name.counter
    if alone and counted and _may_lend(name, only) and not _against(medium, only):
        rule: Rule = "companion" if only.medium else "other extension"
        return Pairing(medium, "inherited", rule, only.sidecar, original=only.medium)
    timely = [k for k in stills if k.sidecar and _timely(medium, k)] if name.is_clip else []
    if len(timely) == 1 and len(candidates) <= _MOST_COMPARED:
        kin = timely[0]
        return Pairing(medium, "inherited", "companion by time", kin.sidecar, original=kin.medium)
    return Pairing(medium, "ambiguous", "companion", candidates=candidates)


def _may_lend(name: MediumName, kin: Kin) -> bool:
    """To a clip and a raw twin; to a still only where its own photo is not there."""
    return kin.sidecar is not None and (name.is_clip or name.is_raw or kin.medium is None)


def _of_others(medium: Medium, kin: Kin) -> bool:
    """Both say whose they are, and it is not each other's."""
    mine, theirs = medium.content_identifier, kin.medium and kin.medium.content_identifier
    return bool(mine and theirs and mine != theirs)


def _against(medium: Medium, kin: Kin) -> bool:
    moment = kin.medium.captured if kin.medium else None
    return bool(medium.captured and moment) and not _timely(medium, kin)


def _timely(medium: Medium, kin: Kin) -> bool:
    moments = [kin.medium.captured if kin.medium else None, kin.sidecar and kin.sidecar.taken]
    return medium.captured is not None and any(agree(medium.captured, m) for m in moments if m)


def _lenders(relatives: Relatives, stem: str) -> list[Kin]:
    """Stills of a stem with a sidecar, whatever their counters, and sidecars of absent media."""
    counters = relatives.counters(stem)
    found = []
    for counter in sorted(counters, key=lambda c: -1 if c is None else c):
        media = [relatives.kin(m) for m in relatives.media.get(stem, {}).get(counter, [])]
        described = relatives.sidecars.get(stem, {}).get(counter, [])
        found += [k for k in media if _lends(k) and k.name and not k.name.is_clip]
        absent = relatives.absent(stem, counter, described)
        found += [k for k in absent if not k.extension or not (k.name and k.name.is_clip)]
    return found


def _lends(kin: Kin) -> bool:
    return kin.sidecar is not None or bool(kin.options)


def _sidecars(kin: Iterable[Kin]) -> Iterable[Sidecar]:
    for one in kin:
        yield from (one.sidecar,) if one.sidecar else one.options


def _place(sidecar: Sidecar) -> tuple[str, str]:
    return sidecar.name, sidecar.id


def _all_media(folder: OpenFolder) -> list[Medium]:
    paired = [pairing.medium for pairing in folder.pairings.values()]
    return sorted([*paired, *folder.media.values()], key=lambda m: (m.name, m.id))
