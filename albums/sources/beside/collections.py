"""Collections that a folder speaks of: albums of PhotoPrism, and those of Albums' own export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from albums.sources.beside import exported
from albums.sources.beside.naming import Match, fold
from albums.sources.beside.papers import Papers
from albums.sources.importing.kind import Album, Thing

Matches = Mapping[int, Sequence[Match]]  # by the number of the file


def albums_of(papers: Papers, media: Sequence[Thing], matches: Matches) -> list[Album]:
    """In the order of their keys."""
    found = [*_photoprism(papers, media, matches), *_exported(papers, media, matches)]
    return sorted(found, key=lambda album: album.key)


def _photoprism(papers: Papers, media: Sequence[Thing], matches: Matches) -> Iterator[Album]:
    members: dict[str, list[int]] = defaultdict(list)
    for thing in media:
        for match in matches.get(thing.id, ()):
            photo = papers.photos.get(match.paper.id)
            if photo and match.pairing == "owned":
                members[photo.uid].append(thing.id)
    for album in papers.albums.values():
        if album.kind == "album":
            yield Album(
                key=f"photoprism {album.uid}",
                title=album.title or "",
                description=album.description or "",
                members=tuple(n for uid in album.photos for n in members.get(uid, ())),
                absent=tuple(f"photo {uid}" for uid in album.photos if uid not in members),
                untitled=album.title is None,
            )


def _exported(papers: Papers, media: Sequence[Thing], matches: Matches) -> Iterator[Album]:
    """By the list of the export, in its order, where it came along; else by the sidecars."""
    members: dict[str, dict[int, None]] = defaultdict(dict)
    absent: dict[str, dict[str, None]] = defaultdict(dict)
    by_path = {(thing.part, fold(thing.path)): thing.id for thing in reversed(media)}
    for listing in papers.lists:
        folder = f"{listing.folder}/" if listing.folder else ""
        for name, paths in exported.collections(listing.paper or b"").items():
            for path in paths:
                number = by_path.get((listing.part, fold(folder + path)))
                if number is None:
                    absent[name][path] = None
                else:
                    members[name][number] = None
    for thing in media:
        for match in matches.get(thing.id, ()):
            if match.pairing == "owned" and match.paper.id in papers.xmp:
                for name in papers.xmp[match.paper.id].collections:
                    members[name][thing.id] = None
    for name in members.keys() | absent.keys():
        here, away = tuple(members.get(name, ())), tuple(absent.get(name, ()))
        yield Album(f"albums {name}", name, members=here, absent=away)
