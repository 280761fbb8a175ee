"""Clips, raw twins and downloads under another extension, which take what stills have (rule 7)."""

from __future__ import annotations

from collections import defaultdict

from albums.sources.takeout.moments import agree
from albums.sources.takeout.names import STILLS, MediumName, fold
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Kind, Medium, Pairing, Rule, Sidecar
from albums.sources.takeout.relatives import Kin, Relatives, place, sidecars_of

_MOST_COMPARED = 100  # stills of one name; beyond, only their names and links could tell


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
    wanted = {medium.content_identifier for medium in relatives.folder.media.values()} - {None}
    for medium in relatives.folder.all:
        if medium.content_identifier in wanted:
            kin = relatives.kin(medium)
            if kin.name and not kin.name.is_clip:
                found[medium.content_identifier or ""].append(kin)
    return found


def _identified(
    folder: OpenFolder, medium: Medium, by_identifier: dict[str, list[Kin]]
) -> Pairing | None:
    kin = by_identifier.get(medium.content_identifier or "", [])
    if not kin:
        return None
    name = folder.name(medium)
    if len(kin) > 1:
        named = [k for k in kin if k.name and fold(k.name.stem) == fold(name.stem)]
        exact = [k for k in named if k.name and k.name.counter == name.counter]
        kin = exact if len(exact) == 1 else kin
    sidecars = {s.id: s for s in sidecars_of(kin)}
    if len(kin) == 1 or (len(sidecars) == 1 and all(k.sidecar for k in kin)):
        return _from(medium, "content identifier", kin[0])
    listed = tuple(sorted(sidecars.values(), key=place))
    kind: Kind = "ambiguous" if listed else "none"
    return Pairing(medium, kind, "content identifier", candidates=listed)


def _from(medium: Medium, rule: Rule, kin: Kin) -> Pairing:
    """What its still has: also nothing, where the still's sidecar is not here."""
    if kin.sidecar:
        return Pairing(medium, "inherited", rule, kin.sidecar, original=kin.medium)
    kind: Kind = "ambiguous" if kin.options else "none"
    return Pairing(medium, kind, rule, candidates=kin.options, original=kin.medium)


def _by_stem(folder: OpenFolder) -> dict[str, list[Medium]]:
    found: dict[str, list[Medium]] = defaultdict(list)
    for medium in folder.media.values():
        found[fold(folder.name(medium).stem)].append(medium)
    return found


def _pair_family(relatives: Relatives, stem: str, media: list[Medium]) -> None:
    """All media of one stem that have no sidecar: stills and raw twins, then what they can lend."""
    folder = relatives.folder
    clips = [medium for medium in media if folder.name(medium).is_clip]
    _pair_stills(relatives, stem, [m for m in media if not folder.name(m).is_clip])
    stills = _lenders(relatives, stem)
    for full in sorted({fold(medium.name) for medium in clips}):  # X.MP beside X.MP.jpg
        stills += [k for k in _lenders(relatives, full) if full != stem]
    if clips and stills:
        _pair_all(folder, clips, stills)


def _pair_stills(relatives: Relatives, stem: str, media: list[Medium]) -> None:
    """Of stills, another counter is another photo."""
    folder = relatives.folder
    by_counter: dict[int | None, list[Medium]] = defaultdict(list)
    for medium in media:
        by_counter[folder.name(medium).counter].append(medium)
    lending: dict[int | None, list[Kin]] = defaultdict(list)
    for kin in _lenders(relatives, stem) if media else ():
        lending[kin.name.counter if kin.name else None].append(kin)
    for counter, some in by_counter.items():
        able = [k for k in lending.get(counter, ()) if _may_lend(folder.name(some[0]), k)]
        if able:
            _pair_all(folder, some, able)


def _pair_all(folder: OpenFolder, media: list[Medium], stills: list[Kin]) -> None:
    candidates = tuple(sorted({s.id: s for s in sidecars_of(stills)}.values(), key=place))
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
    name = folder.name(medium)
    if not stills:
        return Pairing(medium, "none")
    only = stills[0]
    counted = only.name is not None and only.name.counter == name.counter
    if alone and counted and _may_lend(name, only) and not _against(medium, only):
        return _from(medium, "companion" if only.medium else "other extension", only)
    timely = [k for k in stills if _timely(medium, k)] if name.is_clip else []
    if len(timely) == 1 and len(candidates) <= _MOST_COMPARED:
        return _from(medium, "companion by time", timely[0])
    kind: Kind = "ambiguous" if candidates else "none"
    return Pairing(medium, kind, "companion" if candidates else "", candidates=candidates)


def _may_lend(name: MediumName, kin: Kin) -> bool:
    """To a clip and a raw twin; to a still only where its own photo is not there."""
    return name.is_clip or name.is_raw or kin.medium is None


def _of_others(medium: Medium, kin: Kin) -> bool:
    """Both say whose they are, and it is not each other's."""
    mine, theirs = medium.content_identifier, kin.medium and kin.medium.content_identifier
    return bool(mine and theirs and mine != theirs)


def _against(medium: Medium, kin: Kin) -> bool:
    """Neither the still's own moment nor, where it has none, that of its sidecar is the clip's."""
    own = kin.medium.captured if kin.medium else None
    moment = own or (kin.sidecar and kin.sidecar.taken)
    return bool(medium.captured and moment) and not _timely(medium, kin)


def _timely(medium: Medium, kin: Kin) -> bool:
    moments = [kin.medium.captured if kin.medium else None, kin.sidecar and kin.sidecar.taken]
    return medium.captured is not None and any(agree(medium.captured, m) for m in moments if m)


def _lenders(relatives: Relatives, stem: str) -> list[Kin]:
    """Stills of a stem, whatever their counters, and sidecars of absent media. A still whose own
    sidecar is not here can be the clip's all the same; raw twins inherit like clips."""
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
    return bool(kin.sidecar or kin.options) or kin.extension in STILLS
