"""Which parts of which export are here: zips, tgzs, tars and unpacked folders, in any mix."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from albums.sources.archives.entry import APPLE_DOUBLE
from albums.sources.archives.part_names import (
    is_archive_name,
    is_part_name,
    is_unfinished,
    read_name,
)
from albums.sources.archives.roots import ROOT, is_of_others
from albums.sources.archives.zip_headers import find_directory

Kind = Literal["zip", "tgz", "tar", "folder"]
IsPart = Callable[["Part"], bool]
_SAMPLES, _SAMPLE = 65, 1 << 14
_MOST_PROBLEMS = 100
_JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")  # what systems leave in folders


@dataclass
class Part:
    """One archive or unpacked folder. `problems` and `whole` are known after a pass over it:
    whole means that it was passed to its end, that nothing in its structure is damaged, and that
    the checksum over all of it (tgz) is right; each entry still speaks for itself."""

    path: Path
    kind: Kind
    size: int
    export: str | None = None
    number: int | None = None
    problems: list[str] = field(default_factory=list)
    read: int = 0  # bytes of the part gone through so far
    whole: bool = False
    apart: frozenset[Path] = frozenset()  # archives in a folder that are parts of their own

    @property
    def problem(self) -> str:
        return "; ".join(self.problems)

    def say(self, problem: str) -> None:
        """Add a problem of the part as a whole."""
        if problem not in self.problems and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)

    def passed(self, position: int) -> None:
        """The pass has come to this byte."""
        self.read = max(self.read, min(position, self.size))


@dataclass(frozen=True)
class Gap:
    """Numbers of an export that are not here. Which number is the last, no name tells."""

    export: str
    missing: tuple[int, ...]


@dataclass(frozen=True)
class Unreadable:
    path: Path
    problem: str


@dataclass(frozen=True)
class Parts:
    """`repeated`: (a file, the part it equals). `twins`: macOS's `._` files beside the archives.
    `beside`: files in a folder of archives that belong to none of them."""

    parts: list[Part] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    repeated: list[tuple[Path, Path]] = field(default_factory=list)
    twins: list[Path] = field(default_factory=list)
    beside: list[Path] = field(default_factory=list)


def find_parts(paths: Iterable[Path], is_part: IsPart | None = None) -> Parts:
    """All parts in these files and folders, sorted by export and number. Reads only their ends.

    Google's files lie under a root, and what lies beside it is none of them. Not so where `is_part`
    is given, which tells by its name whether an archive in a folder is a part: then all else in the
    folder is one part.
    """
    found = Parts()
    seen: set[Path] = set()
    for path in paths:
        _look(path.expanduser(), found, seen, is_part)
    _without_repeated(found)
    found.parts.sort(key=lambda p: (p.export or "~", p.number or 0, str(p.path)))
    found.gaps.extend(_gaps(found.parts))
    return found


def _look(path: Path, found: Parts, seen: set[Path], is_part: IsPart | None = None) -> None:
    real = path.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        if path.is_dir() and is_part:
            _look_into_plain(path, found, seen, is_part)
        elif path.is_dir():
            _look_into(path, found, seen)
        elif path.is_file():
            _archive(path, found)
        else:
            found.unreadable.append(Unreadable(path, _absent(path)))
    except OSError as error:
        found.unreadable.append(Unreadable(path, f"It cannot be read ({error.strerror})"))


def _absent(path: Path) -> str:
    return "It is neither a file nor a folder" if os.path.lexists(path) else "There is no such file"


def _archive(path: Path, found: Parts) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(1024)
    if path.name.startswith("._") and head.startswith(APPLE_DOUBLE):
        found.twins.append(path)
        return
    kind = _kind(head) or ("zip" if _ends_as_zip(path, size) else None)
    if is_unfinished(path.name):
        found.unreadable.append(Unreadable(path, "The download of it was not finished"))
    elif kind is None:
        found.unreadable.append(Unreadable(path, _no_archive(head)))
    else:
        found.parts.append(_named(Part(path, kind, size), path))


def _kind(head: bytes) -> Kind | None:
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00"):
        return "zip"
    if head[:3] == b"\x1f\x8b\x08":
        return "tgz"
    return "tar" if head[257:262] == b"ustar" else None


def _ends_as_zip(path: Path, size: int) -> bool:
    """A zip with a damaged beginning is still one by its end."""
    with path.open("rb") as file:
        return find_directory(file, size) is not None


def _no_archive(head: bytes) -> str:
    if not head:
        return "It is empty"
    if head.lstrip()[:1] == b"<":
        return "It is a web page and no archive: the link to it had ended. Download it again"
    if not head.strip(b"\0"):
        return "It begins with zeros and is no archive: the download was not finished"
    return "It is no zip, tgz or tar"


def _named(part: Part, path: Path) -> Part:
    """With export and number from its own name, or from that of a folder it was unpacked into."""
    near = (path,) if part.kind != "folder" else (path, *path.resolve().parents)
    for place in near[:4]:
        if name := read_name(place.name):
            part.export, part.number = name.export, name.number
            break
    return part


def _look_into(folder: Path, found: Parts, seen: set[Path]) -> None:
    roots, archives, others = _survey(folder)
    strange = [a for a in archives if not is_part_name(a.name) and is_of_others(a)]
    if len(strange) < len(archives):
        others += strange
        archives = [archive for archive in archives if archive not in strange]
    if not roots and not archives:
        found.parts.append(_named(Part(folder, "folder", _size(folder)), folder))
        return
    for root in roots:
        if root == folder or root.resolve() not in seen:
            seen.add(root.resolve())
            found.parts.append(_named(Part(root, "folder", _size(root)), root))
    for archive in archives:
        _look(archive, found, seen)
    found.beside.extend(others)


def _look_into_plain(folder: Path, found: Parts, seen: set[Path], is_part: IsPart) -> None:
    """Archives alone are what was downloaded; among other files only those that are parts."""
    real = folder.resolve()
    files = [Path(here, name) for here, _, names in os.walk(real) for name in sorted(names)]
    archives = [f for f in files if is_archive_name(f.name) or is_unfinished(f.name)]
    packed = set(archives)
    others = [f for f in files if f.name not in _JUNK and f not in packed]
    apart = [a for a in archives if not others or is_part(Part(a, "zip", 0))]
    for archive in apart:
        _look(archive, found, seen)
    if others or not apart:
        size = sum(file.lstat().st_size for file in set(files) - set(apart))
        found.parts.append(Part(folder, "folder", size, apart=frozenset(apart)))


def _survey(folder: Path) -> tuple[list[Path], list[Path], list[Path]]:
    """The Takeout roots in a folder, the archives beside them, and all other files.

    A zip inside a root is something that the person kept in Drive, except one of Google's names
    right at the top.
    """
    if folder.name.lower() == ROOT:
        return [folder], [p for p in _files(folder) if is_part_name(p.name)], []
    roots: list[Path] = []
    archives: list[Path] = []
    others: list[Path] = []
    for here, folders, files in os.walk(folder):
        folders.sort()
        for name in [name for name in folders if name.lower() == ROOT]:
            folders.remove(name)
            roots.append(Path(here, name))
            archives += [p for p in _files(roots[-1]) if is_part_name(p.name)]
        for name in sorted(files):
            archive = is_archive_name(name) or is_unfinished(name)
            (archives if archive else others).append(Path(here, name))
    return roots, archives, others


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.is_file())


def _size(folder: Path) -> int:
    """Bytes of all files below that belong to it; links are not followed."""
    return sum(
        Path(here, name).lstat().st_size
        for here, _, names in os.walk(folder)
        for name in names
        if not (is_part_name(name) and Path(here) == folder)
    )


def _without_repeated(found: Parts) -> None:
    """The same part downloaded twice is read once: equal in size and wherever one looks."""
    first: dict[object, Path] = {}
    kept = []
    for part in sorted(found.parts, key=lambda p: (len(p.path.name), str(p.path))):
        key = likeness(part)
        if key is not None and key in first:
            found.repeated.append((part.path, first[key]))
        else:
            kept.append(part)
            if key is not None:
                first[key] = part.path
    found.parts[:] = kept


def likeness(part: Part) -> str | None:
    """Size and samples of an archive, hex; None of a folder. The end of a zip lists the checksums
    of its entries, that of a tgz is its checksum; samples between show a download that left
    holes."""
    if part.kind == "folder":
        return None
    digest = hashlib.sha256(f"{part.kind} {part.size} ".encode())
    with part.path.open("rb") as file:
        for i in range(_SAMPLES):
            file.seek(max(0, part.size - _SAMPLE) * i // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def _gaps(parts: Iterable[Part]) -> Iterator[Gap]:
    numbers: dict[str, set[int]] = defaultdict(set)
    for part in parts:
        if part.export and part.number is not None:
            numbers[part.export].add(part.number)
    for export, here in sorted(numbers.items()):
        missing = tuple(n for n in range(1, max(here)) if n not in here)
        if missing:
            yield Gap(export, missing)
