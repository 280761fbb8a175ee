"""The papers in a folder of originals: what each is, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from albums.sources.beside import exported, yaml_tree
from albums.sources.beside.photoprism import AlbumYaml, PhotoYaml, read_album, read_photo
from albums.sources.beside.xmp_said import LARGEST, XmpSaid, read_xmp
from albums.sources.importing.kind import PaperIs, Thing

_LARGEST_YAML = 4 << 20  # bytes; an album of 40,000 photos has as many
_LARGEST_LIST = 64 << 20


def is_paper(path: str, size: int | None) -> bool:
    """By the name; what stands in it decides later."""
    name = path.rpartition("/")[2]
    if name in exported.NAMES:
        return (size or 0) <= _LARGEST_LIST
    if name.lower().endswith(".xmp"):
        return (size or 0) <= LARGEST
    return name.lower().endswith((".yml", ".yaml")) and (size or 0) <= _LARGEST_YAML


@dataclass
class Papers:
    """All papers of a folder. Sidecars by the number of the thing, albums by their UID."""

    kinds: dict[int, PaperIs] = field(default_factory=dict)
    things: dict[int, Thing] = field(default_factory=dict)
    xmp: dict[int, XmpSaid] = field(default_factory=dict)
    photos: dict[int, PhotoYaml] = field(default_factory=dict)
    albums: dict[str, AlbumYaml] = field(default_factory=dict)
    lists: list[Thing] = field(default_factory=list)  # of Albums' own export
    unreadable: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Papers:
        papers = cls()
        for thing in things:
            if thing.status == "paper":
                papers.things[thing.id] = thing
                papers.kinds[thing.id] = papers._read(thing)
        return papers

    def sidecar(self, number: int) -> XmpSaid | PhotoYaml:
        return self.xmp[number] if number in self.xmp else self.photos[number]

    def _read(self, thing: Thing) -> PaperIs:
        raw = thing.paper or b""
        if thing.name in exported.NAMES:
            return self._list(thing, raw)
        return self._xmp(thing, raw) if thing.name.lower().endswith(".xmp") else self._yaml(thing)

    def _xmp(self, thing: Thing, raw: bytes) -> PaperIs:
        said = read_xmp(raw)
        if said is None:
            self.unreadable.append(thing.name)
            return "other"
        self.xmp[thing.id] = said
        return "sidecar"

    def _list(self, thing: Thing, raw: bytes) -> PaperIs:
        if not exported.is_list(thing.name, raw):
            return "document"
        if thing.name == exported.NAMES[0]:
            self.lists.append(thing)
            return "album"
        return "other"

    def _yaml(self, thing: Thing) -> PaperIs:
        """What is not PhotoPrism's is the person's own."""
        try:
            tree = yaml_tree.read(thing.paper or b"")
        except ValueError:
            return "document"
        photo = read_photo(tree)
        if photo:
            self.photos[thing.id] = photo
            return "sidecar"
        album = read_album(tree)
        if album is None:
            return "document"
        self.albums[album.uid] = album
        return "album" if album.kind == "album" else "other"
