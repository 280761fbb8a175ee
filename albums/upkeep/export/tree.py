"""Where each original goes: YYYY/MM/name.ext by its local time, legal wherever disks are read.

A place that an asset once had it keeps, so that a second run finds what the first one left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count

UNDATED = "undated"
SIDECAR = ".xmp"
_LONGEST = 255 - len(SIDECAR) - len(" (1000000)")  # bytes; ext4 counts those, others characters
_LONGEST_EXTENSION = 20
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.I)
_NUMBERED = re.compile(r".+ \((\d{1,9})\)(?:\.[^.]*)?")


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
    lead: str | None = None  # SHA-256 of the photo with which it was taken, if it is not that one
    lead_at: str | None = None  # when that was captured


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
    at = asset.lead_at if asset.lead else asset.captured_at
    return f"{at[:4]}/{at[5:7]}" if at else UNDATED


def places(
    assets: Iterable[Leaving],
    before: Mapping[str, str],
    free: Callable[[str, Leaving], bool],
) -> dict[str, str]:
    """SHA-256 -> path in the tree. `before`: the same of an earlier run; `free(path, asset)` says
    whether the asset may lie at that path: nothing is there, or itself.

    Between equals who came in first has the name, the next one is called "name (2).jpg". What was
    taken together (a live photo and its film, a photo and its RAW file) has the same number.
    """
    taken: set[str] = set()
    chosen: dict[str, str] = {}
    groups = _groups(assets)
    for group in groups:
        for asset in group:
            path = before.get(asset.sha)
            if path and _fits(path, asset) and _take({path: asset}, taken, free):
                chosen[asset.sha] = path
    reached: dict[str, int] = {}
    for group in groups:
        chosen |= _next_free(group, chosen, taken, free, reached)
    return chosen


def _groups(assets: Iterable[Leaving]) -> list[list[Leaving]]:
    """What was taken together, in the order in which it came in."""
    in_order = sorted(assets, key=lambda asset: (asset.received_at, asset.sha))
    groups: dict[str, list[Leaving]] = {}
    for asset in in_order:
        groups.setdefault(asset.lead or asset.sha, []).append(asset)
    found = []
    for group in groups.values():
        alone = len(_names(_candidates(group, 1))) < 2 * len(group)  # they cannot share a number
        found += [[asset] for asset in group] if alone else [group]
    return found


def _next_free(
    group: list[Leaving],
    chosen: Mapping[str, str],
    taken: set[str],
    free: Callable[[str, Leaving], bool],
    reached: dict[str, int],
) -> dict[str, str]:
    """Places for those of the group that have none. `reached`: up to where the numbers of a name
    are given away, so that ten thousand times "image.jpg" is not asked for one by one."""
    left = [asset for asset in group if asset.sha not in chosen]
    numbers = {_number(chosen[asset.sha], asset) for asset in group if asset.sha in chosen}
    name = "/".join(sorted(_names(_candidates(left, 1))))
    for number in chain(sorted(numbers), count(reached.get(name, 0) + 1)):
        paths = _candidates(left, number)
        if _take(paths, taken, free):
            if number not in numbers:
                reached[name] = number
            return {asset.sha: path for path, asset in paths.items()}
    raise AssertionError("numbers do not end")


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


def _candidates(group: Iterable[Leaving], number: int) -> dict[str, Leaving]:
    return {f"{folder_of(a)}/{numbered(_wanted(a), number)}": a for a in group}


def _names(paths: Iterable[str]) -> set[str]:
    """All that lies in the tree with these originals."""
    return {same_name(name) for path in paths for name in (path, path + SIDECAR)}


def _fits(path: str, asset: Leaving) -> bool:
    folder, _, name = path.rpartition("/")
    return folder == folder_of(asset) and name == numbered(_wanted(asset), _number(path, asset))


def _number(path: str, asset: Leaving) -> int:
    name = path.rpartition("/")[2]
    found = _NUMBERED.fullmatch(name)
    return int(found[1]) if found and name != _wanted(asset) else 1


def _wanted(asset: Leaving) -> str:
    name = legal(asset.name)
    return name if _split(name)[1] else legal(name + asset.extension)


def _take(
    paths: Mapping[str, Leaving], taken: set[str], free: Callable[[str, Leaving], bool]
) -> bool:
    names = _names(paths)
    if names & taken or not all(free(path, asset) for path, asset in paths.items()):
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
