"""How Google names the files of an export: counters, extensions, cuts in UTF-16 units, sidecars."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SIDECAR_CUT = 46  # units of a sidecar's name before its counter and ".json"
STEM_CUT = 47  # units of a medium's name before its extension
NAME_CUT = 51  # units of a medium's name with its extension
_SUPPLEMENT = "supplemental-metadata"
_ODD_SUFFIXES = (".metadata", f"-{_SUPPLEMENT}", f"({_SUPPLEMENT})")
_COUNTED = re.compile(r"(.+)\(([0-9]{1,9})\)", re.DOTALL)
_EXTENSION = re.compile(r"\.[^\s.()]{1,11}\Z")
_REPLACED = re.compile(r"""[/\\:*?"'<>|&%#{}\x00-\x1f]""")

CLIPS = frozenset(
    {".3gp", ".avi", ".cover", ".m2ts", ".m4v", ".mkv", ".mov", ".mp", ".mp4", ".mpg", ".mts"}
    | {".mv", ".webm", ".wmv", ".mp~2", ".mp~3", ".mp_original", ""}
)
RAWS = frozenset({".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".rw2", ".srw"})
STILLS = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".jxl", ".png", ".tif", ".tiff"}
    | {".webp"}
)
_KNOWN = CLIPS | RAWS | STILLS


def units(text: str) -> int:
    """The length in UTF-16 code units, in which Google counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cuts(text: str, limit: int) -> tuple[str, ...]:
    """What a cut after `limit` units can leave: two texts where it would split a pair."""
    if units(text) <= limit:
        return (text,)
    if text.isascii():
        return (text[:limit],)
    end, used = 0, 0
    while used + (width := units(text[end])) <= limit:
        used, end = used + width, end + 1
    return (text[:end],) if used == limit else (text[:end], text[: end + 1])


def fold(text: str) -> str:
    """The second chance of a name: composed, and without case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def split_extension(name: str) -> tuple[str, str]:
    """("IMG_1", ".jpg"); the extension is "" where there is none."""
    found = _EXTENSION.search(name)
    if found is None or found.start() == 0:
        return name, ""
    return name[: found.start()], found.group()


def split_counter(text: str, cut_at: tuple[int, ...]) -> tuple[str, int | None]:
    """("IMG_1", 2) of "IMG_1(2)". A counter after a space belongs to the uploaded name, but where
    a cut at one of these numbers of units left the space."""
    found = _COUNTED.fullmatch(text)
    if found is None or (found[1][-1].isspace() and units(found[1]) not in cut_at):
        return text, None
    return found[1], int(found[2])


@dataclass(frozen=True, slots=True)
class MediumName:
    """A medium's name in its parts: "IMG_1(2).jpg" is IMG_1, 2 and ".jpg"."""

    full: str
    stem: str  # without extension and counter
    counter: int | None
    extension: str

    @property
    def plain(self) -> str:
        """The name that the counter was added to."""
        return self.stem + self.extension

    @property
    def counted_stem(self) -> str:
        return self.full[: len(self.full) - len(self.extension)]

    @property
    def is_clip(self) -> bool:
        return self.extension.lower() in CLIPS

    @property
    def is_raw(self) -> bool:
        return self.extension.lower() in RAWS

    @property
    def is_full(self) -> bool:
        """Is it so long that Google may have cut it? A cut that would split a pair may drop it."""
        pair = any(letter > "\uffff" for letter in self.stem)
        return units(self.stem) >= STEM_CUT - pair or units(self.plain) >= NAME_CUT - pair


def medium_name(name: str) -> MediumName:
    counted, extension = split_extension(name)
    stem, counter = split_counter(counted, (STEM_CUT, NAME_CUT - len(extension)))
    return MediumName(name, stem, counter, extension)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a sidecar's name: which name it describes, with which counter."""

    base: str
    counter: int | None
    suffix: str  # what is left of ".supplemental-metadata"


def readings(name: str) -> tuple[Reading, ...]:
    """All ways to read a sidecar's name; none where it does not end in ".json"."""
    if name[-5:].lower() != ".json":
        return ()
    whole = name[:-5]
    inner, counter = split_counter(whole, (SIDECAR_CUT, SIDECAR_CUT + 1))
    found = dict.fromkeys(_read(whole, None))
    if counter is not None:
        found |= dict.fromkeys(_read(inner, counter))
    return tuple(found)


def _read(text: str, counter: int | None) -> list[Reading]:
    found = [Reading(text, counter, "")]
    for base, suffix in _without_suffix(text):
        found.append(Reading(base, counter, suffix))
        inner, middle = split_counter(base, ())
        if counter is None and middle is not None:
            found.append(Reading(inner, middle, suffix))
    return found


def _without_suffix(text: str) -> list[tuple[str, str]]:
    base, dot, last = text.rpartition(".")
    found = [(base, dot + last)] if base and _SUPPLEMENT.startswith(last.lower()) else []
    lower = text.lower()
    if not lower.endswith(_ODD_SUFFIXES):
        return found
    odd = (suffix for suffix in _ODD_SUFFIXES if lower.endswith(suffix))
    return found + [(text[: -len(suffix)], suffix) for suffix in odd if len(text) > len(suffix)]


def is_medium_extension(extension: str) -> bool:
    return bool(extension) and extension.lower() in _KNOWN


def file_name_of(title: str) -> str:
    """A title as a file name: Google writes "_" for what a file system may refuse."""
    return _REPLACED.sub("_", title)


def could_be_titled(name: MediumName, title: str) -> bool:
    """Does the title lead to this name, but for counter and extension: in full, or cut?"""
    wanted = file_name_of(title)
    stem, extension = split_extension(wanted)
    if fold(name.stem) in (fold(wanted), fold(stem)) or fold(wanted) == fold(name.plain):
        return True
    return name.is_full and fold(name.stem) in map(fold, stem_cuts(stem, extension))


def stem_cuts(stem: str, extension: str) -> tuple[str, ...]:
    """What Google can leave of a medium's stem: 47 units, or 51 with the extension."""
    return cuts(stem, STEM_CUT) + cuts(stem, max(1, NAME_CUT - units(extension)))


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts "b2" before "b10"."""
    parts = re.split(r"([0-9]+)", fold(text))
    return tuple((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts)
