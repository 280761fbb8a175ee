"""A whole export: folders of years, albums, special folders, and all that is no photo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.sources.takeout.exports import said
from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.families import some_family
from tests.sources.takeout.exports.files import Album, Export, File
from tests.sources.takeout.exports.folders import Folder, Placed
from tests.sources.takeout.exports.naming import as_file_name, cut
from tests.sources.takeout.exports.photos import Photo, World

_SPLIT = 0.33  # the share of sidecars that lie in another part than their medium


@dataclass(frozen=True)
class _Language:
    root: str
    year: str
    edited: tuple[str, ...]
    special: dict[str, str]


_LANGUAGES = {
    "en": _Language("Google Photos", "Photos from {}", ("-edited",), {
        "archive": "Archive", "trash": "Trash", "locked": "Locked Folder",
        "failed": "Failed Videos", "untitled": "Untitled({})", "memory": "1 year ago"}),
    "de": _Language("Google Fotos", "Fotos von {}", ("-bearbeitet",), {
        "archive": "Archiv", "trash": "Papierkorb", "locked": "Gesperrter Ordner",
        "failed": "Failed Videos", "untitled": "Unbenannt({})", "memory": "vor 1 Jahr"}),
    "es": _Language("Google Fotos", "Fotos de {}", ("-ha editado", "-editado"), {
        "archive": "Archivo", "trash": "Papelera", "locked": "Carpeta privada",
        "failed": "Failed Videos", "untitled": "Sin título({})", "memory": "hace 1 año"}),
    "fr": _Language("Google Photos", "Photos de {}", ("-modifié",), {
        "archive": "Archive", "trash": "Corbeille", "locked": "Dossier verrouillé",
        "failed": "Failed Videos", "untitled": "Sans titre({})", "memory": "il y a 1 an"}),
}  # fmt: skip
_TITLES: tuple[str | None, ...] = (
    "Italy 2019", "Italy 2019", "Motion test", "Motion Test", "Ende /: Anfang [2]", "Familie 🎄",
    None, None, "Hangout: Bob", "[E&S] 2016-01-05 - Castello De Albertis e Mostra di tutto", "Été",
)  # fmt: skip


def plan(
    media: int,
    seed: int,
    languages: Sequence[str] = ("en", "de"),
    parts: int = 5,
    sizes: tuple[int, int] = (100_000, 300_000),
) -> Export:
    """An export of about so many media, whose sizes lie about between these; nothing is written.
    The same arguments give the same export."""
    chance = Random(seed)
    spoken = [_LANGUAGES[language] for language in languages]
    suffixes = tuple(suffix for language in spoken for suffix in language.edited)
    world = World(chance, suffixes, sizes)
    maker = _Layout(world, spoken, languages, keep=bool(seed % 2))
    maker.years(int(media * 0.86))
    maker.albums_up_to(media)
    maker.others()
    files = _in_parts(chance, maker.files, parts)
    return Export("takeout-20260307T053026Z-3", files, maker.albums, parts)


class _Layout:
    def __init__(
        self, world: World, spoken: list[_Language], languages: Sequence[str], keep: bool
    ) -> None:
        self.world, self.spoken, self.languages, self.keep = world, spoken, languages, keep
        self.files: list[File] = []
        self.albums: list[Album] = []
        self.whole: dict[int, Photo] = {}  # by number: what albums may hold
        self.main: dict[int, File] = {}  # by number: its medium in the folder of its year

    def years(self, media: int) -> None:
        """Families of photos until there are so many media."""
        folders: dict[str, list[Placed]] = defaultdict(list)
        count = 0
        while count < media:
            for photo in some_family(self.world):
                folders[self._path(photo)].append(Placed(photo))
                count += photo.delivered + len(photo.edited) + bool(photo.clip)
        for path, placed in sorted(folders.items()):
            self._learn(self._folder(path, placed), placed)

    def _learn(self, files: Iterable[File], placed: Iterable[Placed]) -> None:
        for file in files:
            if file.role == "medium" and file.photo and not (file.original or file.clip_of):
                self.main.setdefault(file.photo.number, file)
        for one in placed:
            photo = one.photo
            if not photo.folder and photo.delivered and photo.has_sidecar and not photo.open:
                self.whole[photo.number] = photo

    def _folder(self, path: str, placed: Sequence[Placed], seed: int = 0) -> list[File]:
        files = Folder(path, self.keep, seed).fill(placed)
        self.files += files
        return files

    def _path(self, photo: Photo) -> str:
        spoken = self.spoken[photo.year % len(self.spoken)]
        name = spoken.special.get(photo.folder) or spoken.year.format(photo.year)
        return f"Takeout/{spoken.root}/{name}"

    def albums_up_to(self, media: int) -> None:
        """Albums until there are so many media in all."""
        pool = [self.whole[number] for number in sorted(self.whole)]
        left = media - sum(file.role == "medium" for file in self.files)
        most = max(2, left // len(_TITLES))
        left -= self._album(None, pool, min(most, 5), described=False)
        nth = 0
        while left > 0:
            title = _TITLES[nth] if nth < len(_TITLES) else f"Album {nth}"
            left -= self._album(title, pool, most, nth=nth)
            nth += 1
        self._json_only(pool)

    def _album(
        self,
        title: str | None,
        pool: list[Photo],
        most: int,
        *,
        nth: int = 0,
        described: bool = True,
    ) -> int:
        """How many media it took."""
        chance, chosen, count = self.world.chance, [], 0
        for photo in chance.sample(pool, min(len(pool), most)):
            weight = 1 + len(photo.edited) + bool(photo.clip)
            if count + weight > most:
                break
            bare = not (photo.delicate or photo.clip or photo.edited)
            json_only = bare and chance.random() < 0.08
            chosen.append(Placed(photo, json_only, bare and chance.random() < 0.04))
            count += 0 if json_only else weight
        spoken = self.spoken[nth % len(self.spoken)]
        folder = self._album_folder(spoken, title, described)
        files = self._folder(folder, chosen, seed=nth + 1)
        self._tell(Album(folder, title), files)
        if described:
            self._describe(folder, title, self.languages[nth % len(self.spoken)], nth)
        return sum(file.role == "medium" for file in files)

    def _album_folder(self, spoken: _Language, title: str | None, described: bool) -> str:
        taken = {album.folder for album in self.albums}
        name = cut(as_file_name(title), 50) if title else spoken.special["untitled"]
        name = name if described else spoken.special["memory"]
        root = f"Takeout/{spoken.root}"
        numbered = [f"{root}/{name}", *(f"{root}/{name}({n})" for n in range(1, 99))]
        if "{}" in name:
            numbered = [f"{root}/{name.format(n)}" for n in range(1, 99)]
        return next(path for path in numbered if path not in taken)

    def _tell(self, album: Album, files: list[File]) -> None:
        self.albums.append(album)
        for file in files:
            if file.role == "medium":
                album.members.append(file)
            elif file.alone and file.photo:
                album.json_only.append(file)
                main = self.main[file.photo.number]
                file.elsewhere.append(main)
                said_of = file.photo.said.url or file.photo.taken
                file.expect = "owned" if said_of and main.expect == "owned" else "open"

    def _describe(self, folder: str, title: str | None, language: str, nth: int) -> None:
        """Untitled albums may share a folder, each with its descriptor."""
        for number in range(2 if title is None else 1):
            name = said.descriptor_name(language, number)
            content = said.descriptor(title, old=nth % 4 == 3)
            self.files.append(File(f"{folder}/{name}", "album", content))

    def _json_only(self, pool: list[Photo]) -> None:
        """An album of sidecars alone."""
        some = [photo for photo in pool if not photo.delicate and photo.said.url][:3]
        folder = f"Takeout/{self.spoken[0].root}/Only described"
        files = self._folder(folder, [Placed(photo, json_only=True) for photo in some], 999)
        self._tell(Album(folder, "Only described"), files)
        self._describe(folder, "Only described", self.languages[0], 0)

    def others(self) -> None:
        """What is no photo of the library, but in the export all the same."""
        root = f"Takeout/{self.spoken[0].root}"
        self._other("Takeout/archive_browser.html", b"<html>all that is here</html>", "other")
        for name, content in said.OTHERS.items():
            self._other(f"{root}/{name}", content, "other-json")
        drive = {
            "Report.docx": b"PK\x03\x04 not really", "data/settings.json": b'{"mine": true}',
            "data/Ünïcode ~ name.txt": b"text", "Report-info.json": b'{"title": "Report"}',
        }  # fmt: skip
        for name, content in drive.items():
            self._other(f"Takeout/Drive/{name}", content, "document")
        face = self.world.content("jpeg", None)
        self.files.append(File("Takeout/Contacts/All Contacts/Anna.jpg", "medium", face))
        media = [f for f in self.files if f.role == "medium"][:: max(1, len(self.files) // 5)]
        for file in media:
            twin = b"\0\5\x16\7" + b"Mac OS X" + file.name.encode()
            self._other(f"{file.folder}/._{file.name}", twin, "apple-double")
            self._other(f"__MACOSX/{file.folder}/._{file.name}", twin + b"2", "apple-double")

    def _other(self, path: str, content: bytes, role: str) -> None:
        self.files.append(File(path, role, content))  # type: ignore[arg-type]


def _in_parts(chance: Random, files: list[File], parts: int) -> list[File]:
    """Cut by size, not by folder; a third of the sidecars lie in another part, and a few media
    in two."""
    share = sum(file.about for file in files) / parts + 1
    position = 0
    for file in files:
        file.part = int(position / share)
        position += file.about
        if file.role == "sidecar" and chance.random() < _SPLIT:
            file.part = chance.randrange(parts)
    again = []
    for file in files[:: max(1, len(files) // 8)] if parts > 1 else ():
        if file.role == "medium" and not (file.original or file.clip_of):
            file.twice = True
            again.append(replace(file, part=(file.part + 1) % parts))
    return sorted(files + again, key=lambda file: file.part)


def is_empty(file: File) -> bool:
    """A medium without a single byte."""
    return isinstance(file.content, Content) and file.content.kind == "empty"
