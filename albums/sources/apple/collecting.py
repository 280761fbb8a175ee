"""Albums of an export: lists of names, and folders of what was shared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from albums.sources.apple.matching import by_name
from albums.sources.apple.tables import NameList
from albums.sources.beside.naming import fold
from albums.sources.importing.kind import Album, Thing
from albums.sources.typed import json_object, text

_OWN_LISTS = {"favorites": "favourite", "favourites": "favourite", "hidden": "hidden"}
_TITLES = ("title", "name", "albumName")


@dataclass(frozen=True, slots=True)
class Flagged:
    """One of Apple's own lists: favourites or hidden photos, by number of the file."""

    field: str
    files: tuple[int, ...]


def collect(
    lists: Sequence[tuple[NameList, Thing]],
    shared: Sequence[Thing],
    files: Sequence[Thing],
    flags: Mapping[str, set[int]],
) -> tuple[list[Album], list[Flagged]]:
    """`flags`: the files that the tables call favourite or hidden."""
    names = by_name(files)
    albums, flagged = [], []
    for listing, paper in lists:
        members, absent = _members(listing, names)
        field = _field(listing, paper, set(members), flags)
        if field:
            flagged.append(Flagged(field, tuple(members)))
        else:
            title = paper.name.rpartition(".")[0]
            albums.append(Album(f"apple {paper.path}", title, "", tuple(members), tuple(absent)))
    albums += _shared(shared, files)
    return sorted(albums, key=lambda album: album.key), flagged


def _members(listing: NameList, names: Mapping[str, list[Thing]]) -> tuple[list[int], list[str]]:
    """Only names are listed: one that several files have is any of them, unless all are meant."""
    times = Counter(map(fold, listing.names))
    members: dict[int, None] = {}
    absent: dict[str, None] = {}
    for name in listing.names:
        files = names.get(fold(name), [])
        if len(files) == 1 or (files and times[fold(name)] == len(files)):
            members |= dict.fromkeys(file.id for file in files)
        else:
            absent[f"{name} ({len(files)} files have this name)" if files else name] = None
    return list(members), list(absent)


def _field(
    listing: NameList, paper: Thing, members: set[int], flags: Mapping[str, set[int]]
) -> str | None:
    """Which flag the list is about, if it is no album: by its name, else by all that is in it."""
    if not listing.system:
        return None
    named = _OWN_LISTS.get(paper.name.rpartition(".")[0].lower())
    alike = (field for field in sorted(flags) if members and members == flags[field])
    return named or next(alike, None)


def _shared(papers: Sequence[Thing], files: Iterable[Thing]) -> Iterator[Album]:
    in_folder: dict[tuple[int, str], list[int]] = defaultdict(list)
    for thing in files:
        in_folder[thing.part, thing.folder].append(thing.id)
    for paper in papers:
        said = json_object(paper.paper or b"") or {}
        titles = (text(said.get(key)) for key in _TITLES)
        title = next((t for t in titles if t), paper.folder.rpartition("/")[2])
        members = tuple(in_folder[paper.part, paper.folder])
        yield Album(f"apple {paper.path}", title, members=members)
