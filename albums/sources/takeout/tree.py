"""Which part of an export a file belongs to: the photos, or another of the person's things."""

from __future__ import annotations

from collections.abc import Iterable

from albums.sources.importing.kind import Thing
from albums.sources.takeout.claims import AlbumSaid, PhotoSaid, Said
from albums.sources.takeout.names import fold

_TOP = "takeout"
# What Google calls the folder of photos, where nothing inside it tells.
_PHOTOS = {
    "google photos", "google fotos", "google foto", "google фото", "fotky google",
    "google снимки", "google kuvat", "google フォト", "google fotoğraflar", "google 相册",
    "google 相簿", "google 포토",
}  # fmt: skip


def root_of(path: str) -> str:
    """ "Takeout/Google Fotos" of a path below it; the file itself where it lies at the top."""
    steps = path.split("/")
    return "/".join(steps[: 2 if fold(steps[0]) == _TOP else 1])


def below_root(path: str) -> str:
    """A path as people know it, from the name of the product on."""
    steps = path.split("/")
    return "/".join(steps[1:] if fold(steps[0]) == _TOP else steps)


def photos_roots(things: Iterable[Thing], papers: Iterable[tuple[Thing, Said]]) -> set[str]:
    """Roots whose papers speak of photos; without any paper, those that are named so."""
    found = {
        root_of(thing.path) for thing, said in papers if isinstance(said, PhotoSaid | AlbumSaid)
    }
    named = {root_of(thing.path) for thing in things}
    named = {root for root in named if fold(root.rpartition("/")[2]) in _PHOTOS}
    drive = {root for root in found if fold(root.rpartition("/")[2]) == "drive"}
    return (found | named) - (drive if found - drive or named else set())


def key_of(thing: Thing) -> str:
    """What the matching calls it: sorts by part, in whatever order the parts came."""
    return f"{thing.part:06}.{thing.id:012}"


def number_of(key: str) -> int:
    """The thing's `id`."""
    return int(key.rpartition(".")[2])
