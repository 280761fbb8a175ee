"""Where each original goes: YYYY/MM/name.ext by its local time, legal wherever disks are read.

A place that an asset once had it keeps, so that a second run finds what the first one left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

UNDATED = "undated"
SIDECAR = ".xmp"
_LONGEST = 255 - len(SIDECAR) - len(" (1000000)")  # bytes; ext4 counts those, others characters
_LONGEST_EXTENSION = 20
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.I)
_NUMBERED = re.compile(r"(.+) \(\d+\)(\.[^.]*)?")


@dataclass(frozen=True, slots=True)
class Leaving:
    """One asset as its place is chosen and its bytes are copied."""

    id: int
    sha: str  # SHA-256, hex
    name: str
    extension: str  # of the original in the vault
    size: int  # bytes
    captured_at: str | None  # ISO 8601, local
    received_at: str
    seconds: int  # since 1970: when it was captured, else when it came in
    raw: bool = False  # a camera's RAW photo, other than DNG


def legal(name: str) -> str:
    """A name that Linux, macOS, Windows, exFAT and FAT take, and that is not hidden."""
    name = _ILLEGAL.sub("_", unicodedata.normalize("NFC", name)).strip(" ").rstrip(". ")
    if name.startswith(".") or _DEVICES.match(name):
        name = f"_{name}"
    return _shortened(name) or "unnamed"


def same_name(name: str) -> str:
    """Equal for names that some file system takes for one: case and composition do not count."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def folder_of(asset: Leaving) -> str:
    if asset.captured_at is None:
        return UNDATED
    return f"{asset.captured_at[:4]}/{asset.captured_at[5:7]}"


def places(
    assets: Iterable[Leaving],
    before: Mapping[str, str],
    free: Callable[[str, Leaving], bool],
) -> dict[str, str]:
    """SHA-256 -> path in the tree. `before`: the same of an earlier run; `free(path, asset)` says
    whether the asset may lie at that path: nothing is there, or itself.

    Between equals who came in first has the name, the next one is called "name (2).jpg".
    """
    taken: set[str] = set()
    chosen: dict[str, str] = {}
    in_order = sorted(assets, key=lambda asset: (asset.received_at, asset.sha))
    for asset in in_order:
        path = before.get(asset.sha)
        if path and _fits(path, asset) and _take(path, asset, taken, free):
            chosen[asset.sha] = path
    for asset in in_order:
        if asset.sha not in chosen:
            chosen[asset.sha] = next(
                path for path in _candidates(asset) if _take(path, asset, taken, free)
            )
    return chosen


def twins(assets: Iterable[Leaving], places: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of a RAW photo -> where Lightroom looks for its sidecar: IMG_1.xmp for IMG_1.CR2.

    For no other format does it read sidecars. Where the name belongs to another, there is none.
    """
    taken = {same_name(path) for path in places.values()}
    found = {}
    for asset in sorted(assets, key=lambda asset: places[asset.sha]):
        twin = twin_of(places[asset.sha])
        if asset.raw and same_name(twin) not in taken:
            taken.add(same_name(twin))
            found[asset.sha] = twin
    return found


def twin_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{_split(name)[0]}{SIDECAR}"


def numbered(name: str, number: int) -> str:
    """ "a.jpg", "a (2).jpg", ..."""
    if number == 1:
        return name
    stem, extension = _split(name)
    return f"{stem} ({number}){extension}"


def _candidates(asset: Leaving) -> Iterable[str]:
    folder, name = folder_of(asset), _wanted(asset)
    for number in range(1, 10_000_000):
        yield f"{folder}/{numbered(name, number)}"


def _fits(path: str, asset: Leaving) -> bool:
    folder, _, name = path.rpartition("/")
    number = _NUMBERED.fullmatch(name)
    plain = f"{number[1]}{number[2] or ''}" if number else name
    return folder == folder_of(asset) and _wanted(asset) in (name, plain)


def _wanted(asset: Leaving) -> str:
    name = legal(asset.name)
    return name if _split(name)[1] else legal(name + asset.extension)


def _take(path: str, asset: Leaving, taken: set[str], free: Callable[[str, Leaving], bool]) -> bool:
    names = {same_name(path), same_name(path + SIDECAR)}
    if names & taken or not free(path, asset):
        return False
    taken |= names
    return True


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > _LONGEST_EXTENSION:
        return name, ""
    return stem, dot + extension


def _shortened(name: str) -> str:
    stem, extension = _split(name)
    room = _LONGEST - len(extension.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + extension
