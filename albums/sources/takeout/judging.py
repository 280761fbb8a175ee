"""What a folder of an export is, judged by what lies in it, not by its language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from albums.sources.takeout.claims import AlbumSaid
from albums.sources.takeout.names import fold

Kind = Literal["year", "day", "album", "other"]
Hint = Literal["archive", "trash", "locked", "failed", ""]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: ?#[0-9]+)?")
_YEAR = re.compile(r"(?P<before>.*?)(?P<year>(?:1[89]|20|21)[0-9]{2})(?P<after>\D{0,3})", re.DOTALL)
_NAMES: dict[Hint, tuple[str, ...]] = {
    "archive": ("archive", "archiv", "archivo", "archivio", "arquivo", "archief", "archiwum",
                "архив", "アーカイブ", "归档"),
    "trash": ("trash", "bin", "papelera", "papierkorb", "corbeille", "cestino", "lixeira",
              "prullenbak", "kosz", "корзина", "ゴミ箱", "回收站", "휴지통",
              "papperskorg", "roskakori"),
    "locked": ("locked folder", "gesperrter ordner", "dossier verrouillé", "carpeta privada",
               "carpeta bloqueada", "cartella bloccata", "pasta trancada", "vergrendelde map"),
    "failed": ("failed videos",),
}  # fmt: skip
_HINTS = {name: hint for hint, names in _NAMES.items() for name in names}


@dataclass(frozen=True, slots=True)
class FolderContents:
    """A virtual folder: its path, how much lies in it, and the albums described in it."""

    path: str
    media: int
    sidecars: int
    descriptors: tuple[AlbumSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """year, day: Google's own order of all photos. album: one collection for each descriptor, or
    one named after the folder. other: holds no photos. hint: what its name says, no more."""

    path: str
    kind: Kind
    year: int | None = None
    hint: Hint = ""
    descriptors: tuple[AlbumSaid, ...] = ()


def judge(folders: Iterable[FolderContents]) -> dict[str, Judged]:
    """Every folder by its path. Folders of years are judged together: they share a shape."""
    ordered = sorted(folders, key=lambda f: f.path)
    years = _year_folders(ordered)
    return {folder.path: _judge(folder, years.get(folder.path)) for folder in ordered}


def _judge(folder: FolderContents, year: int | None) -> Judged:
    name = folder.path.rpartition("/")[2]
    hint = _HINTS.get(fold(name), "")
    if year is not None:
        return Judged(folder.path, "year", year)
    if _DAY.fullmatch(name) and all(_is_day(said, name) for said in folder.descriptors):
        return Judged(folder.path, "day", int(name[:4]))
    if folder.descriptors:
        return Judged(folder.path, "album", None, hint, folder.descriptors)
    if folder.media or folder.sidecars:
        return Judged(folder.path, "other" if hint else "album", None, hint)
    return Judged(folder.path, "other", None, hint)


def _is_day(said: AlbumSaid, name: str) -> bool:
    """Until 2020 each day had a folder, with a descriptor that says no more than the day."""
    return said.title is None or not re.search(r"[^\W\d_]", said.title) or said.title == name


def _year_folders(folders: list[FolderContents]) -> dict[str, int]:
    """Folders that end in a year and have no descriptor: of one year, the shape that more share.

    An album "Italy 2019" whose descriptor was not delivered loses against "Photos from 2019".
    """
    shaped: dict[tuple[str, int], list[tuple[str, FolderContents]]] = defaultdict(list)
    years_of: dict[tuple[str, str], set[int]] = defaultdict(set)
    for folder in folders:
        root, _, name = folder.path.rpartition("/")
        found = _YEAR.fullmatch(name)
        if found and not folder.descriptors and (folder.media or folder.sidecars):
            shape = f"{fold(found['before'])}|{fold(found['after'])}"
            shaped[root, int(found["year"])].append((shape, folder))
            years_of[root, shape].add(int(found["year"]))
    chosen = {}
    for (root, year), rivals in shaped.items():
        best = max(
            rivals,
            key=lambda r: (len(years_of[root, r[0]]), r[1].sidecars + r[1].media, r[1].path),
        )
        chosen[best[1].path] = year
    return chosen
