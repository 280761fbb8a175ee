"""Flickr's data: photos find their JSON by the number that Flickr gave them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from albums.sources.archives import Part
from albums.sources.flickr.claims import SOURCE, claims, conflict
from albums.sources.flickr.naming import RULES, whose
from albums.sources.flickr.said import AlbumSaid, PhotoSaid, read_albums, read_photo
from albums.sources.importing.kind import Album, Announced, PaperIs, Said, Thing, Understood
from albums.sources.typed import counted, json_object

_LARGEST = 64 << 20  # bytes of a paper
_THERE = ("ingested", "duplicate", "deleted", "failed", "empty")

# What else Flickr hands out: account_profile.json, faves_part001.json, received_flickrmail_...
_OF_ACCOUNT = re.compile(
    r"(?:account|albums|apps|contacts|faves|followers|galleries|groups?|photos?|received|sent|sets"
    r"|testimonials)(?:_.*)?\.json",
    re.IGNORECASE | re.DOTALL,
)


class Flickr:
    name = SOURCE
    about = "the data that Flickr hands out: data-download-1.zip ... and the zip of its JSON"

    def import_name(self, part: Part) -> str | None:
        """Names of its zips do not tell one export from another: all are parts of one."""
        return SOURCE

    def is_paper(self, path: str, size: int | None) -> bool:
        return path.lower().endswith(".json") and (size is None or size <= _LARGEST)

    def understand(self, things: Sequence[Thing]) -> Understood:
        return _Export(things).understood()


class _Export:
    def __init__(self, things: Iterable[Thing]) -> None:
        ordered = sorted(things, key=lambda t: (t.part, t.path, t.id))
        self.media = [t for t in ordered if t.status in _THERE and t.kind != "paper"]
        self.photos: dict[str, PhotoSaid] = {}  # by id; what was brought last counts
        self.papers_of: dict[str, list[int]] = defaultdict(list)
        self.albums: dict[str, AlbumSaid] = {}
        self.papers: dict[int, PaperIs] = {}
        self.unreadable: list[str] = []
        for thing in ordered:
            if thing.status == "paper":
                self.papers[thing.id] = self._read(thing)

    def _read(self, thing: Thing) -> PaperIs:
        raw = thing.paper or b""
        photo = read_photo(raw)
        if photo:
            self.photos[photo.id] = photo
            self.papers_of[photo.id].append(thing.id)
            return "sidecar"
        albums = read_albums(raw)
        if albums is not None:
            self.albums |= {album.id: album for album in albums}
            return "album"
        if not _OF_ACCOUNT.fullmatch(thing.name):
            return "document"
        if json_object(raw) is None:
            self.unreadable.append(thing.name)
        return "other"

    def understood(self) -> Understood:
        originals = {p.original: p.id for p in self.photos.values() if p.original}
        sure, unsure = whose(self.media, self.photos, originals)
        owners = self._owners(sure)
        said = {
            thing.id: self._said(thing, *sure[thing.id], thing in owners[sure[thing.id][1]])
            for thing in self.media
            if thing.id in sure
        }
        said |= {number: self._ambiguous("several numbers", ids) for number, ids in unsure.items()}
        spoken_for = {number for _, number in sure.values()}
        spoken_for |= {number for ids in unsure.values() for number in ids}
        albums = list(self._albums(owners))
        return Understood(
            said=said,
            albums=albums,
            announced=[
                self._announced(number) for number in sorted(self.photos.keys() - spoken_for)
            ],
            papers=self.papers,
            notes=self._notes(sure),
            warnings=self._warnings(said, sure),
        )

    def _owners(self, sure: dict[int, tuple[str, str]]) -> dict[str, list[Thing]]:
        """Id of a photo -> its files: one, or copies of one; none where nobody can say which."""
        found: dict[str, list[Thing]] = defaultdict(list)
        for thing in self.media:
            if thing.id in sure:
                found[sure[thing.id][1]].append(thing)
        for number, files in found.items():
            best = min(RULES.index(sure[f.id][0]) for f in files)
            named = [f for f in files if RULES.index(sure[f.id][0]) == best]
            found[number] = named if len({f.sha for f in named}) == 1 else []
        return found

    def _said(self, thing: Thing, rule: str, number: str, owned: bool) -> Said:
        if not owned:
            return self._ambiguous("several files", {number})
        photo = self.photos[number]
        return Said(
            claims=tuple(claims(photo, thing.captured)),
            papers=tuple(self.papers_of[number]),
            pairing="owned",
            rule=rule,
            url=photo.page,
            taken=photo.taken.isoformat() if photo.taken else None,
            uploaded=photo.uploaded.isoformat() if photo.uploaded else None,
        )

    def _ambiguous(self, rule: str, numbers: set[str]) -> Said:
        papers = (paper for number in sorted(numbers) for paper in self.papers_of[number])
        return Said(papers=tuple(papers), pairing="ambiguous", rule=rule)

    def _albums(self, owners: dict[str, list[Thing]]) -> Iterable[Album]:
        for album in sorted(self._all_albums(), key=lambda a: a.id):
            here = [number for number in album.photos if owners.get(number)]
            absent = [number for number in album.photos if not owners.get(number)]
            yield Album(
                key=f"{SOURCE} album {album.id}",
                title=album.title or "",
                description=album.description or "",
                members=tuple(owners[number][0].id for number in here),
                absent=tuple(self._name(number) for number in absent),
                untitled=album.title is None,
            )

    def _all_albums(self) -> Iterable[AlbumSaid]:
        """Those of the list of albums; else what the photos say of where they are."""
        members: dict[str, list[str]] = defaultdict(list)
        titles: dict[str, str] = {}
        for photo in sorted(self.photos.values(), key=lambda p: (str(p.taken), p.id)):
            for number, title in photo.albums:
                members[number].append(photo.id)
                titles[number] = max(titles.get(number, ""), title)
        for number in members.keys() - self.albums.keys():
            photos = tuple(dict.fromkeys(members[number]))
            yield AlbumSaid(number, titles[number] or None, None, photos, None)
        yield from self.albums.values()

    def _name(self, number: str) -> str:
        photo = self.photos.get(number)
        return (photo and (photo.page or photo.title)) or f"photo {number}"

    def _announced(self, number: str) -> Announced:
        photo = self.photos[number]
        taken = photo.taken.isoformat() if photo.taken else None
        title = photo.title or f"photo {number}"
        why = "Flickr describes it and no file with its number is here"
        return Announced(self.papers_of[number][-1], title, photo.page, taken, why)

    def _notes(self, sure: dict[int, tuple[str, str]]) -> dict[str, int]:
        here = [(thing, self.photos[sure[thing.id][1]]) for thing in self.media if thing.id in sure]
        counts = {
            "conflicts": sum(bool(p.taken and conflict(p.taken, t.captured)) for t, p in here),
            "private": sum(photo.private for _, photo in here),
        }
        return {key: count for key, count in counts.items() if count}

    def _warnings(self, said: dict[int, Said], sure: dict[int, tuple[str, str]]) -> list[str]:
        warnings = []
        if self.unreadable:
            one, many = "JSON file cannot be read", "JSON files cannot be read"
            warnings.append(counted(len(self.unreadable), one, many, self.unreadable))
        alone = [thing.name for thing in self.media if thing.id not in said]
        if self.photos and alone:
            one = "file has no JSON that speaks of it"
            many = "files have no JSON that speaks of them"
            warnings.append(counted(len(alone), one, many, alone))
        if self.media and not self.photos:
            warnings.append(
                "No photo_....json is here: the zip that says what the photos are is missing"
            )
        for album in self.albums.values():
            if album.announced is not None and album.announced > len(album.photos):
                warnings.append(
                    f"The album {album.title or album.id} is said to hold {album.announced} "
                    f"photos, and lists {len(album.photos)}"
                )
        return sorted(warnings)
