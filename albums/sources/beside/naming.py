"""Which files a sidecar speaks of, by its name: IMG.jpg.xmp of one, IMG.xmp of all called IMG."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from albums.media.kinds import EXTENSIONS
from albums.sources.importing.kind import Pairing, Thing

RAW = {
    extension
    for mime, extension in EXTENSIONS.items()
    if mime.startswith("image/x-") and extension != ".ico"
}


@dataclass(frozen=True, slots=True)
class Match:
    """A sidecar and a file that it speaks of. Several for one file: the first is the closest."""

    thing: Thing
    paper: Thing
    pairing: Pairing
    rule: str


def fold(path: str) -> str:
    """Case and composition of letters do not count: disks between here and there changed them."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def stem(path: str) -> str:
    """Without its last extension."""
    folder, slash, name = path.rpartition("/")
    cut = name.rpartition(".")
    return folder + slash + (cut[0] or name)


def extension(path: str) -> str:
    return "." + path.rpartition("/")[2].rpartition(".")[2].lower()


def match_xmp(papers: Sequence[Thing], media: Sequence[Thing]) -> Iterator[Match]:
    """By the whole name in the same folder of the same part, else of another part; then by the
    name without extension."""
    left = list(papers)
    for rule, name_of, choose in (
        ("name.ext.xmp", lambda thing: fold(thing.path), _by_name),
        ("name.xmp", lambda thing: fold(stem(thing.path)), _by_stem),
    ):
        for near in (True, False):
            found = list(_level(left, media, name_of, choose, near, rule))
            matched = {match.paper.id for match in found}
            left = [paper for paper in left if paper.id not in matched]
            yield from found


def _level(
    papers: Iterable[Thing],
    media: Iterable[Thing],
    name_of: Callable[[Thing], str],
    choose: Callable[[Sequence[Thing]], Iterator[tuple[Thing, Pairing]]],
    near: bool,
    rule: str,
) -> Iterator[Match]:
    by_name: dict[Hashable, list[Thing]] = defaultdict(list)
    for paper in papers:
        name = fold(stem(paper.path))
        by_name[(paper.part, name) if near else name].append(paper)
    groups: dict[Hashable, list[Thing]] = defaultdict(list)
    for thing in media:
        name = name_of(thing)
        key: Hashable = (thing.part, name) if near else name
        if key in by_name:
            groups[key].append(thing)
    for key, things in groups.items():
        speaking = by_name[key]
        alike = len({paper.paper for paper in speaking}) == 1
        for thing, pairing in choose(things):
            yield Match(thing, speaking[0], pairing if alike else "ambiguous", rule)
        for other in speaking[1:]:  # they share the fate of the first
            yield Match(things[0], other, "ambiguous" if not alike else "owned", rule)


def _by_name(things: Sequence[Thing]) -> Iterator[tuple[Thing, Pairing]]:
    """Two entries of one name, as a damaged archive may hold, cannot be told apart."""
    sure = len({thing.sha for thing in things}) == 1
    for thing in things:
        yield thing, "owned" if sure else "ambiguous"


def _by_stem(things: Sequence[Thing]) -> Iterator[tuple[Thing, Pairing]]:
    """The RAW file, as Lightroom means it; else the one still; what was taken with it inherits."""
    stills = [t for t in things if t.kind != "video"]
    for candidates in ([t for t in stills if extension(t.path) in RAW], stills, list(things)):
        if candidates:
            break
    sure = len({candidate.sha for candidate in candidates}) == 1
    owners = {candidate.id for candidate in candidates}
    for thing in things:
        owned: Pairing = "owned" if thing.id in owners else "inherited"
        yield thing, owned if sure else "ambiguous"
