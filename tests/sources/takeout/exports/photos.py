"""What a person had in Google Photos, as far as an export speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from tests.sources.takeout.exports.contents import Content, Kind
from tests.sources.takeout.exports.naming import Style, split

EXTENSIONS: dict[str, Kind] = {
    ".jpg": "jpeg", ".jpeg": "jpeg", ".heic": "heic", ".png": "png", ".gif": "gif",
    ".mp4": "mp4", ".mp": "mp4", ".mp~2": "mp4", ".mov": "mov", ".dng": "dng",
}  # fmt: skip
_YEARS = (2012, 2025)
_HOURS = (-8, -5, 0, 1, 2, 5.5, 9)
_APART = timedelta(hours=20, seconds=101)  # further than zones are, and no quarter of an hour
_PEOPLE = ("Anna Müller", "Bob O'Neil", "Čeněk", "陳大文", "Dad", "Zoë & Max")
_PLACES = ((48.2082, 16.3738), (-33.8688, 151.2093), (51.5, -0.1247), (35.6895, 139.6917))


@dataclass(frozen=True)
class Said:
    """What Google says of a photo beside its title and time."""

    description: str = ""
    people: tuple[str, ...] = ()
    place: tuple[float, float] | None = None  # None is written as 0/0
    place_exif: tuple[float, float] | None = None
    flags: frozenset[str] = frozenset()  # archived trashed favorited locked partner shared
    url: str | None = None


@dataclass(frozen=True)
class Made:
    """A file beside a photo: an edited copy or a clip. It has no sidecar of its own."""

    content: Content
    extension: str
    suffix: str = ""  # of an edited copy; chained where Google has edited its own creation


@dataclass(frozen=True)
class Photo:
    """name: the file as uploaded. described: what the sidecar is named after. title: what the
    sidecar says. delicate: its name needs its whole family. open: nothing can tell its sidecar."""

    number: int
    name: str
    content: Content
    taken: datetime | None
    style: Style
    said: Said
    title: str = ""
    described: str = ""
    edited: tuple[Made, ...] = ()
    clip: Made | None = None
    delicate: bool = False
    open: bool = False
    delivered: bool = True  # False: Google announced it, and it is in no part
    has_sidecar: bool = True
    composed: bool = True  # False: a Mac has taken the names of its files apart (NFD)
    folder: str = ""  # "archive", "trash", "locked", "failed"; else its year

    @property
    def year(self) -> int:
        return (self.taken or datetime(2015, 1, 1, tzinfo=UTC)).year


@dataclass
class World:
    """Makes photos from chance; every one has its own number, moment, and bytes."""

    chance: Random
    suffixes: tuple[str, ...]  # of edited copies, in the languages of the export
    sizes: tuple[int, int]
    number: int = 0

    def next(self) -> int:
        self.number += 1
        return self.number

    def style(self) -> Style:
        return self.chance.choices(("new", "old", "uncut"), (70, 15, 15))[0]

    def moment(self) -> datetime:
        """Early in a year, so that a family of photos stays in it."""
        year = self.chance.randint(*_YEARS)
        start = datetime(year, 1, 2, tzinfo=UTC)
        return start + timedelta(seconds=self.chance.randrange(300 * 86_400))

    def after(self, moment: datetime, steps: int) -> datetime:
        return moment + steps * _APART

    def content(self, kind: Kind, taken: datetime | None, content_id: str = "") -> Content:
        """What a camera writes, which is more or less of it."""
        low, high = self.sizes
        size = self.chance.randint(low, high) * (3 if kind in ("mp4", "mov") else 1)
        what = self.chance.choices(("zone", "local", "none", "zeroed"), (45, 38, 13, 4))[0]
        zone = timezone(timedelta(hours=self.chance.choice(_HOURS)))
        local = taken.astimezone(zone) if taken and taken.year > 1903 else None
        if what == "local" and local and kind not in ("mp4", "mov"):  # films know their zone
            local = local.replace(tzinfo=None)
        if what in ("none", "zeroed"):
            local = None
        place = self.chance.choice(_PLACES) if self.chance.random() < 0.3 else None
        film = kind == "jpeg" and self.chance.random() < 0.03
        zeroed = what == "zeroed" and kind in ("jpeg", "heic")
        return Content(kind, self.next(), size, local, place, content_id, film, zeroed)

    def said(self, content: Content) -> Said:
        chance, flags = self.chance, set()
        for flag, share in (("favorited", 0.05), ("archived", 0.03), ("partner", 0.02),
                            ("shared", 0.02)):  # fmt: skip
            if chance.random() < share:
                flags.add(flag)
        place = content.place
        if place and chance.random() < 0.1:  # put right by hand
            place = (place[0] + 0.01, place[1])
        people = tuple(chance.sample(_PEOPLE, chance.choice((0, 0, 0, 1, 2))))
        words = chance.choice(("", "", "", "At the sea", "Geburtstag\nmit <Torte> & 🎂"))
        has_url = chance.random() < 0.97
        url = f"https://photos.google.com/photo/AF1Qip{self.number:010}" if has_url else None
        return Said(words, people, place, content.place, frozenset(flags), url)

    def photo(self, name: str, taken: datetime | None = None, **more: object) -> Photo:
        """A photo of this name; `content_id`, `kind` and every field of Photo may be given."""
        taken = taken or self.moment()
        kind = more.pop("kind", None) or EXTENSIONS[split(name)[1].lower()]
        content = more.pop("content", None) or self.content(
            kind,  # type: ignore[arg-type]
            taken,
            str(more.pop("content_id", "")),
        )
        fields = {
            "number": self.next(), "name": name, "content": content, "taken": taken,
            "style": self.style(), "said": self.said(content),  # type: ignore[arg-type]
        }  # fmt: skip
        return Photo(**(fields | more))  # type: ignore[arg-type]

    def edit(self, photo: Photo, *, extension: str = "", suffix: str = "") -> Made:
        """An edited copy keeps the moment that is in its original."""
        own = split(photo.name)[1]
        extension = extension or own
        kind = EXTENSIONS[extension.lower()]
        taken = photo.content.taken
        content = Content(kind, self.next(), photo.content.size // 2, taken)
        return Made(content, extension, suffix or self.chance.choice(self.suffixes))
