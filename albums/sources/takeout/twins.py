"""Sidecars cut at 46 units (rule 4), and media whose names begin alike for so long (rule 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import pairwise

from albums.sources.takeout.moments import confirm, contradict
from albums.sources.takeout.names import (
    SIDECAR_CUT,
    MediumName,
    could_be_titled,
    cuts,
    file_name_of,
    fold,
    is_medium_extension,
    medium_name,
    natural,
    split_extension,
    stem_cuts,
    units,
)
from albums.sources.takeout.owning import Claim, Round
from albums.sources.takeout.pairing import Medium, Sidecar


@dataclass(frozen=True, slots=True)
class _Cut:
    """A medium whose sidecar's name would be a cut of `plain`, with this counter."""

    medium: Medium
    plain: str
    counter: int | None


def pair_by_cut(here: Round) -> None:
    groups: dict[str, list[_Cut]] = defaultdict(list)
    for medium in here.folder.media.values():
        for text, cut in _cuts_of(here, medium):
            groups[text].append(cut)
    sidecars = _cut_sidecars(here, groups)
    for text in sorted(groups.keys() & sidecars.keys()):
        media = [cut for cut in groups[text] if cut.medium.id in here.folder.media]
        free = [claim for claim in sidecars[text] if claim.sidecar.id in here.folder.sidecars]
        if media and free:
            _pair_group(here, media, free)


def _cuts_of(here: Round, medium: Medium) -> Iterator[tuple[str, _Cut]]:
    """With the counter after the cut, and, where it was uploaded, with the counter in the cut."""
    name = here.folder.name(medium)
    after = here.cuts(name.plain) if units(name.plain) > SIDECAR_CUT else ()
    for text in after:
        yield text, _Cut(medium, name.plain, name.counter)
    if name.counter is not None and units(name.full) > SIDECAR_CUT:
        for text in here.cuts(name.full):
            if text not in here.cuts(name.plain):
                yield text, _Cut(medium, name.full, None)


def _cut_sidecars(here: Round, wanted: Container[str]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for (text, counter), read in here.read.items():
        if text in wanted:
            found[text] += [Claim("cut", text, counter, "", s) for s, suffix in read if not suffix]
    return found


def _pair_group(here: Round, media: list[_Cut], sidecars: list[Claim]) -> None:
    families: dict[str, list[_Cut]] = defaultdict(list)
    for cut in media:
        families[here.fold(cut.plain)].append(cut)
    name = medium_name(media[0].plain)
    if len(families) == 1 and not any(_is_twin(name, claim.sidecar) for claim in sidecars):
        _by_counter(here, media, sidecars)
    else:
        _by_title(here, list(families.values()), sidecars)


def _by_counter(here: Round, media: list[_Cut], sidecars: list[Claim]) -> None:
    by_counter: dict[int | None, list[Claim]] = defaultdict(list)
    for claim in sidecars:
        by_counter[claim.counter].append(claim)
    claims = {}
    for cut in media:
        found = by_counter.get(cut.counter, [])
        counted = len(sidecars) > 1 or cut.counter is not None
        if any(_is_doubtful(cut, claim, counted) for claim in found):
            here.leave([cut.medium], "cut", [claim.sidecar for claim in found])
        elif found:
            claims[cut.medium.id] = found
    here.settle(claims)


def _is_doubtful(cut: _Cut, claim: Claim, counted: bool) -> bool:
    """It may be a twin's that is not here: titled as another type, or counted at another moment."""
    if counted and contradict(cut.medium, claim.sidecar):
        return True
    said = split_extension(claim.sidecar.title or "")[1].lower()
    own = split_extension(cut.plain)[1].lower()
    return said != own and is_medium_extension(said) and not confirm(cut.medium, claim.sidecar)


def _by_title(here: Round, families: list[list[_Cut]], sidecars: list[Claim]) -> None:
    """Only the full titles can tell whose sidecar is whose, and only if all of them speak."""
    named: dict[str, set[int]] = defaultdict(set)
    for number, family in enumerate(families):
        plain = family[0].plain
        for text in (plain, split_extension(plain)[0]):
            named[text].add(number)
            named["folded " + fold(text)].add(number)
    told: dict[int, list[Claim]] = defaultdict(list)
    for claim in sidecars:
        of = _told(claim, named)
        if len(of) == 1:
            told[of.pop()].append(claim)
        elif of or not _begins_alike(claim):
            _leave_all(here, families, sidecars)
            return
    complete = _is_complete([claim.counter for claim in sidecars])
    for number, family in enumerate(families):
        _in_order(here, family, told.get(number, []), complete)


def _is_complete(counters: list[int | None]) -> bool:
    """Are these all that Google gave out, up to the last one that is here?"""
    return sorted(counter or 0 for counter in counters) == list(range(len(counters)))


def _in_order(here: Round, family: list[_Cut], claims: list[Claim], complete: bool) -> None:
    """Google numbers sidecars that begin alike in the natural order of their titles. That holds
    for several of one name only while none of them, and no sidecar, is missing between."""
    complete = complete and _is_complete([cut.counter for cut in family])
    media = sorted(family, key=lambda cut: cut.counter or 0)
    ordered = sorted(claims, key=lambda claim: (claim.counter or 0, claim.sidecar.id))
    titles = [natural(claim.sidecar.title or "") for claim in ordered]
    pairs = zip(media, ordered, strict=False)
    against = any(contradict(cut.medium, claim.sidecar) for cut, claim in pairs)
    rising = all(a < b for a, b in pairwise(titles))
    alone = len(media) == 1 and media[0].counter is None
    if len(media) == len(ordered) and rising and not against and (alone or complete):
        for cut, claim in zip(media, ordered, strict=True):
            here.own(cut.medium, "same beginning", claim.sidecar)
    elif ordered:
        _leave_all(here, [family], ordered)


def _leave_all(here: Round, families: list[list[_Cut]], claims: list[Claim]) -> None:
    media = [cut.medium for family in families for cut in family]
    here.leave(media, "same beginning", [claim.sidecar for claim in claims])


def _told(claim: Claim, named: dict[str, set[int]]) -> set[int]:
    """The families that a title can lead to, in full or cut; another extension comes last."""
    stem, extension = split_extension(file_name_of(claim.sidecar.title or ""))
    stems = {stem, *stem_cuts(stem, extension)}
    for texts in ({s + extension for s in stems}, stems):
        for keys in (texts, {"folded " + fold(text) for text in texts}):
            if of := {number for key in keys for number in named.get(key, ())}:
                return of
    return set()


def _begins_alike(claim: Claim) -> bool:
    title = file_name_of(claim.sidecar.title or "")
    return bool(title) and fold(claim.text) in map(fold, cuts(title, SIDECAR_CUT))


def _is_twin(name: MediumName, sidecar: Sidecar) -> bool:
    """Does the title begin like this name for 46 units, and then say another one?"""
    title = file_name_of(sidecar.title or "")
    alike = {fold(c) for c in cuts(title, SIDECAR_CUT)} & {
        fold(c) for c in cuts(name.plain, SIDECAR_CUT)
    }
    return bool(title and alike) and not could_be_titled(name, title)
