"""Clips, raw twins and downloads under another extension, which take what stills have (rule 7)."""

from __future__ import annotations

from collections import defaultdict

from albums.sources.takeout.moments import agree
from albums.sources.takeout.names import MediumName, fold
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Medium, Pairing, Rule, Sidecar
from albums.sources.takeout.relatives import Kin, Relatives, all_media, place, sidecars_of

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
    for medium in all_media(relatives.folder):
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
