"""Albums of an export, and folders of documents: what becomes a collection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from albums.sources.importing.kind import Album, Said, Thing
from albums.sources.takeout.claims import AlbumSaid, PhotoSaid
from albums.sources.takeout.judging import Hint, Judged
from albums.sources.takeout.pairing import Leftover
from albums.sources.takeout.tree import below_root, number_of

# Folders that Google makes for what has this flag; a person's own album may be called the same.
_FLAGS: dict[Hint, str] = {"archive": "archived", "trash": "trashed", "locked": "locked"}


@dataclass
class FolderOfPhotos:
    """What lies in one folder of the photos."""

    media: list[Thing] = field(default_factory=list)
    said: list[PhotoSaid] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)


def albums_in(
    judged: Mapping[str, Judged],
    folders: Mapping[str, FolderOfPhotos],
    said: Mapping[int, Said],
) -> Iterator[Album]:
    """One for each title that a folder has; an album without one is called as its folder."""
    for path in sorted(folders):
        folder = folders[path]
        if judged[path].kind != "album" or _is_googles_own(judged[path], folder):
            continue
        members = _members(folder, said)
        absent = tuple(_called(left) for left in folder.leftovers if left.kind != "elsewhere")
        titles = {d.title: d.description for d in judged[path].descriptors if d.title}
        name = path.rpartition("/")[2]
        for nth, title in enumerate(sorted(titles) or [name]):
            yield Album(
                key=f"{path}#{nth}",
                title=title,
                description=titles.get(title) or "",
                members=members,
                absent=absent,
                untitled=not titles,
            )


def _is_googles_own(judged: Judged, folder: FolderOfPhotos) -> bool:
    if judged.hint == "failed":
        return True
    flag = _FLAGS.get(judged.hint)
    return flag is not None and all(getattr(said, flag) for said in folder.said)


def _members(folder: FolderOfPhotos, said: Mapping[int, Said]) -> tuple[int, ...]:
    """Its own media, and those that it only names; in the order in which they were taken."""
    named = [number_of(left.medium.id) for left in folder.leftovers if left.medium]
    own = {
        (thing.path, thing.sha): thing.id for thing in reversed(folder.media)
    }  # once of two parts
    numbers = dict.fromkeys([*own.values(), *named])
    return tuple(sorted(numbers, key=lambda n: (said[n].taken or "" if n in said else "", n)))


def _called(left: Leftover) -> str:
    return left.sidecar.title or left.sidecar.name


def folders_as_albums(things: Iterable[Thing]) -> Iterator[Album]:
    """Each folder that holds files of the person's, by its path below the export."""
    inside: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        if thing.folder and below_root(thing.folder):
            inside[thing.folder].append(thing)
    for path in sorted(inside):
        members = _by_name(inside[path])
        yield Album(key=path, title=below_root(path), members=tuple(t.id for t in members))


def _by_name(things: Sequence[Thing]) -> list[Thing]:
    return sorted(things, key=lambda thing: (thing.path, thing.id))


def descriptors(papers: Iterable[tuple[Thing, object]]) -> dict[str, list[AlbumSaid]]:
    """What describes albums, by folder."""
    found: dict[str, list[AlbumSaid]] = defaultdict(list)
    for thing, said in sorted(papers, key=lambda pair: (pair[0].path, pair[0].id)):
        if isinstance(said, AlbumSaid):
            found[thing.folder].append(said)
    return found
