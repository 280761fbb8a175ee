"""Moving parts of live photos, and edited copies: which photo they belong to.

Names: IMG_1.MOV and, of icloudpd, IMG_1_HEVC.MOV; IMG_E1.JPG on the phone, "IMG_1 (Edited).jpg",
IMG_1_edited.jpeg of osxphotos, IMG_1-adjusted.HEIC of icloudpd.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from albums.sources.beside.naming import fold, stem
from albums.sources.importing.kind import Thing
from albums.sources.typed import same_moment

_CLIP_APART = 120  # seconds
_HEVC = re.compile(r"(.+)_hevc", re.DOTALL)
_EDITED = (
    re.compile(r"(img_)e([0-9]+(?:[ _(].*)?)", re.DOTALL | re.ASCII),
    re.compile(r"(.+?)(?: \(edited\)|[-_ ]edited|-adjusted)((?: ?\([0-9]+\))?)", re.DOTALL),
)


@dataclass(frozen=True, slots=True)
class Relation:
    kind: Literal["clip", "variant"]
    original: Thing
    rule: str


def relations(files: Sequence[Thing]) -> dict[int, Relation]:
    """By number of the clip or edited copy."""
    found = _clips_by_content(files)
    by_stem: dict[Hashable, dict[str | None, Thing]] = defaultdict(dict)
    for thing in files:
        by_stem[_place(thing), thing.kind].setdefault(thing.sha, thing)
    for thing in files:
        if thing.id not in found:
            relation = _clip(thing, by_stem) or _variant(thing, by_stem)
            if relation:
                found[thing.id] = relation
    return found


def _place(thing: Thing, name: str | None = None) -> Hashable:
    return thing.part, fold(thing.folder), fold(stem(thing.name)) if name is None else name


def _clips_by_content(files: Iterable[Thing]) -> dict[int, Relation]:
    """Apple writes the same identifier into both."""
    stills: dict[str, dict[str | None, Thing]] = defaultdict(dict)
    clips: dict[str, list[Thing]] = defaultdict(list)
    for thing in files:
        if thing.content_id and thing.kind == "photo":
            stills[thing.content_id].setdefault(thing.sha, thing)
        elif thing.content_id and thing.kind == "video":
            clips[thing.content_id].append(thing)
    found: dict[int, Relation] = {}
    for identifier, moving in clips.items():
        still = _nearest(moving[0], list(stills.get(identifier, {}).values()))
        if still:
            found |= {clip.id: Relation("clip", still, "content identifier") for clip in moving}
    return found


def _nearest(clip: Thing, stills: Sequence[Thing]) -> Thing | None:
    """An edited copy keeps the identifier of its original: then the name decides."""
    if len(stills) <= 1:
        return next(iter(stills), None)
    name = fold(stem(clip.name))
    same = [still for still in stills if fold(stem(still.name)) == name]
    return same[0] if len(same) == 1 else None


def _clip(thing: Thing, by_stem: Mapping[Hashable, Mapping[str | None, Thing]]) -> Relation | None:
    if thing.kind != "video":
        return None
    name = fold(stem(thing.name))
    hevc = _HEVC.fullmatch(name)
    for candidate in (name, hevc[1]) if hevc else (name,):
        stills = list(by_stem.get((_place(thing, candidate), "photo"), {}).values())
        films = by_stem.get((_place(thing, candidate), "video"), {})
        alone = len(stills) == 1 and not films.keys() - {thing.sha}
        if alone and _may_be_clip(thing, stills[0]):
            return Relation("clip", stills[0], "same name")
    return None


def _may_be_clip(clip: Thing, still: Thing) -> bool:
    if clip.content_id and still.content_id:
        return False  # they are not the same, or would have been found
    if clip.captured is None or still.captured is None:
        return True
    return same_moment(clip.captured, still.captured, seconds=_CLIP_APART)


def _variant(
    thing: Thing, by_stem: Mapping[Hashable, Mapping[str | None, Thing]]
) -> Relation | None:
    name = fold(stem(thing.name))
    for shape in _EDITED:
        match = shape.fullmatch(name)
        if match:
            place = _place(thing, match[1] + match[2])
            originals = [t for t in by_stem.get((place, thing.kind), {}).values() if t != thing]
            if len(originals) == 1:
                return Relation("variant", originals[0], "edited copy")
    return None
