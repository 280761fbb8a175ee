"""Which files a YAML of PhotoPrism speaks of: those of its name, beside it or in another tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from albums.sources.beside.naming import Match, fold, stem
from albums.sources.importing.kind import Thing

_ROOTS = ("originals", "sidecar", "import")
_BESIDE, _OTHER_TREE = "name.yml", "name.yml of another folder"


def match_yaml(papers: Iterable[Thing], media: Sequence[Thing]) -> Iterator[Match]:
    """PhotoPrism keeps all files of one name for one photo: each of them has its YAML."""
    beside: dict[tuple[int, str], list[Thing]] = defaultdict(list)
    elsewhere: dict[str, list[Thing]] = defaultdict(list)
    for thing in media:
        name = fold(stem(thing.path))
        beside[thing.part, name].append(thing)
        for key in _below_root(name):
            elsewhere[key].append(thing)
    for place, speaking in _by_name(papers).items():
        things, rule = beside.get(place, []), _BESIDE
        if not things:
            found = (elsewhere.get(below, []) for below in _below_root(place[1]))
            things, rule = next((f for f in found if f), []), _OTHER_TREE
        folders = {(thing.part, fold(thing.folder)) for thing in things}
        sure = len(folders) == 1 and len({paper.paper for paper in speaking}) == 1
        for thing in things:
            yield Match(thing, speaking[0], "owned" if sure else "ambiguous", rule)


def _by_name(papers: Iterable[Thing]) -> dict[tuple[int, str], list[Thing]]:
    found: dict[tuple[int, str], list[Thing]] = defaultdict(list)
    for paper in papers:
        found[paper.part, fold(stem(paper.path))].append(paper)
    return found


def _below_root(path: str) -> Iterator[str]:
    """The path below the folder of originals or sidecars; else below the top folder."""
    parts = path.split("/")
    roots = [i for i, part in enumerate(parts[:-1]) if part in _ROOTS]
    if roots:
        yield "/".join(parts[roots[-1] + 1 :])
    elif len(parts) > 1:
        yield "/".join(parts[1:])
    yield path


def previews(media: Sequence[Thing]) -> dict[int, Thing]:
    """Pictures that PhotoPrism made of an original, sidecar/IMG.heic.jpg of originals/IMG.heic:
    their numbers and the originals."""
    originals: dict[str, Thing] = {}
    for thing in media:
        if "sidecar" not in fold(thing.folder).split("/"):
            for key in _below_root(fold(thing.path)):
                originals.setdefault(key, thing)
    found = {}
    for thing in media:
        if "sidecar" in fold(thing.folder).split("/"):
            key = next(_below_root(fold(stem(thing.path))))
            if key in originals:
                found[thing.id] = originals[key]
    return found
