"""Edited copies and other variants, which take what their originals have (rule 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from albums.sources.takeout.editing import Strip, is_telling, strips
from albums.sources.takeout.moments import agree, confirm, contradict
from albums.sources.takeout.names import MediumName, fold
from albums.sources.takeout.owning import OpenFolder
from albums.sources.takeout.pairing import Kind, Medium, Pairing, Rule
from albums.sources.takeout.relatives import Kin, Relatives, place


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
        name = folder.name(medium)
        for strip in strips(name):
            if strip.kind == "unlisted":
                found[strip.stem, name.counter].add(strip.suffix)
    return found


def _edited(
    relatives: Relatives, medium: Medium, rivals: dict[tuple[str, int | None], set[str]]
) -> Pairing | None:
    name = relatives.folder.name(medium)
    for strip in strips(name):
        kin, numbered = _originals(relatives, medium, strip.stem)
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


def _originals(relatives: Relatives, medium: Medium, stem: str) -> tuple[list[Kin], bool]:
    """Those of the same counter. A counter of its own is no doubt where there is one original."""
    name = relatives.folder.name(medium)
    kin = relatives.of(stem, name.counter, name.extension)
    if kin or name.counter is None:
        return kin, True
    others = relatives.counters(stem)
    kin = relatives.of(stem, None, name.extension)
    sure = others <= {None} and not any(k.sidecar and contradict(medium, k.sidecar) for k in kin)
    return kin, sure


def _cut_away(relatives: Relatives, medium: Medium, name: MediumName) -> Pairing | None:
    """An edited copy cut to the very name of its original: it has only a counter of its own."""
    if name.counter is None or not name.is_full:
        return None
    twins = relatives.twins(fold(name.stem), name.extension.lower())
    original = twins.original
    if original and original.sidecar and confirm(medium, original.sidecar):
        return _inherit(medium, name, [original], "edited, cut away", True)
    if twins.candidates:  # or a photo of its own, whose sidecar is in a part that is not here
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
    listed = tuple(sorted(sidecars.values(), key=place))
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
