"""Which files are there, beside which ought to be: originals, sidecars, arrivals, pictures.

Goes by names; only a file with a name that means nothing and the size of an original is read.
Things come and go meanwhile, so whatever looks wrong is looked at once more. An arrival has, in
this order: a draft, its original, its row, its sidecar in place of the draft. Whoever asks for
drafts before rows, and for files last, cannot take one on its way for a lost one.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from albums.library.checks import Finding, known_of_listing, record_listing
from albums.library.database import Library
from albums.vault import Vault
from albums.vault.rereading import read_from_disk

_NAME = re.compile(r"([0-9a-f]{64})(\.sidecar\.json)?.*", re.DOTALL)
_CUT_OFF = re.compile(r"\.[0-9a-f]{64}\.sidecar\.json\.[0-9a-f]{32}(\.new)?")
_PICTURE = re.compile(r"([0-9a-f]{64})-\w+\.\w+")
_FOLDERS = tuple(f"{number:02x}" for number in range(256))
_OWNED = 24 * 3600  # seconds since its last change in which somebody may still be writing a file

OnRead = Callable[[int], None]


@dataclass(frozen=True)
class Places:
    """What is looked at, and told of each chunk that had to be read."""

    library: Library
    vault: Vault
    folder: Path  # of the library
    on_read: OnRead = lambda count: None

    def named(self, path: Path) -> str:
        """A path as findings show it: below the library's folder, and text."""
        return shown(path.relative_to(self.folder))


def shown(path: Path) -> str:
    """Text, also where a name is not valid UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def sweep(places: Places) -> Iterator[int]:
    """Look at every folder and write down what is wrong; yields how many findings, folder by folder
    so that the caller may stop."""
    originals, pictures = places.vault.originals.root, places.vault.pictures.root
    for folder, look in (
        (places.vault.originals.incoming, _incoming),
        (originals, _top),
        *((originals / name, _originals) for name in _FOLDERS),
        *((pictures / name, _pictures) for name in _FOLDERS),
    ):
        try:
            found = list(look(places, folder))
        except OSError as error:
            found = [Finding("unreadable", places.named(folder), None, error.strerror or "")]
        _write_down(places, folder, found)
        yield len(found)


def _write_down(places: Places, folder: Path, found: list[Finding]) -> None:
    name = places.named(folder)
    with places.library.read() as db:
        known = known_of_listing(db, name)
    if known != {(finding.kind, finding.path) for finding in found}:
        with places.library.write() as db:
            record_listing(db, name, found)


def _incoming(places: Places, folder: Path) -> Iterator[Finding]:
    for name in _names(folder):
        if _is_left(folder / name):
            yield Finding("unfinished", places.named(folder / name))


def _top(places: Places, folder: Path) -> Iterator[Finding]:
    for name in _names(folder):
        if name not in _FOLDERS:
            yield from _stray(places, folder / name)


def _originals(places: Places, folder: Path) -> Iterator[Finding]:
    listed = _names(folder)
    originals: dict[str, list[str]] = {}
    sidecars = set()
    for name in listed:
        match = _NAME.fullmatch(name)
        if not match or not name.startswith(folder.name) or (folder / name).is_dir():
            yield from _stray(places, folder / name)
        elif match[2]:
            sidecars.add(match[1])
        else:
            originals.setdefault(match[1], []).append(name)
    on_their_way = _drafts(places)
    rows = _rows(places, folder.name)
    for sha, extension in rows.items():
        if f"{sha}{extension}" not in originals.get(sha, ()) or sha not in sidecars:
            yield from _incomplete(places, sha, extension)
    for sha, names in originals.items():
        if sha not in on_their_way:
            yield from _spare(places, folder, sha, names, rows)
    for sha in sidecars - rows.keys() - originals.keys() - on_their_way:
        path = places.vault.sidecars.path(sha)
        if path.exists():
            yield Finding("no-original", places.named(path), sha)


def _incomplete(places: Places, sha: str, extension: str) -> Iterator[Finding]:
    """A row whose original or sidecar was not listed."""
    on_its_way = sha in _drafts(places)
    original = places.vault.originals.path(sha, extension)
    sidecar = places.vault.sidecars.path(sha)
    there, described = os.path.lexists(original), sidecar.exists() or on_its_way
    if (there and described) or sha not in _rows(places, sha):
        return
    if there:
        yield Finding("no-sidecar", places.named(sidecar), sha)
    else:
        kind = "missing" if described else "no-files"
        yield Finding(kind, places.named(original), sha)


def _spare(
    places: Places, folder: Path, sha: str, names: list[str], rows: dict[str, str]
) -> Iterator[Finding]:
    """Files named as an original that no row speaks of."""
    for name in names:
        if name == f"{sha}{rows.get(sha)}" or not os.path.lexists(folder / name):
            continue
        kind, detail = "unknown", "named as an original, but the database knows nothing of it"
        if sha in rows and _has_hash(places, folder / name, sha):
            kind, detail = "doubled", f"{sha}{rows[sha]} is the original"
        elif sha in rows:
            detail = "named as an original, but with other bytes"
        yield Finding(kind, places.named(folder / name), sha, detail)


def _has_hash(places: Places, path: Path, sha: str) -> bool:
    try:
        return read_from_disk(path, places.on_read).sha == sha
    except OSError:
        return False


def _stray(places: Places, path: Path) -> Iterator[Finding]:
    """A name that means nothing here."""
    if not os.path.lexists(path):
        return
    if _CUT_OFF.fullmatch(path.name):
        if _is_left(path):
            yield Finding("unfinished", places.named(path))
    elif twin := _twin(places, path):
        yield Finding("doubled", places.named(path), None, f"the same bytes as {twin}")
    else:
        yield Finding("unknown", places.named(path), None, "a folder" if path.is_dir() else "")


def _twin(places: Places, path: Path) -> str | None:
    """The asset that has the bytes of this file."""
    if not path.is_file():
        return None
    with places.library.read() as db:
        rows = db.execute("select sha from assets where size = ?", (path.stat().st_size,))
        alike = {row["sha"] for row in rows}
    sha = read_from_disk(path, places.on_read).sha if alike else ""
    return sha if sha in alike else None


def _pictures(places: Places, folder: Path) -> Iterator[Finding]:
    listed = {name: _PICTURE.fullmatch(name) for name in _names(folder)}
    rows = _rows(places, folder.name) if listed else {}
    gone = {match[1] for match in listed.values() if match and match[1] not in rows}
    for sha in gone:
        if any(
            (folder / name).exists() for name, match in listed.items() if match and match[1] == sha
        ):
            yield Finding("pictures", places.named(folder / f"{sha}-*"), sha)
    for name, match in listed.items():
        if not match and _is_left(folder / name):
            yield Finding("unfinished", places.named(folder / name))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []


def _rows(places: Places, prefix: str) -> dict[str, str]:
    """Hash and extension of the assets whose hash begins so."""
    with places.library.read() as db:
        rows = db.execute(
            "select sha, extension from assets where sha >= ? and sha < ?", (prefix, prefix + "g")
        )
        return {row["sha"]: row["extension"] for row in rows}


def _drafts(places: Places) -> set[str]:
    """Hashes of arrivals on their way. Half a draft has no original yet."""
    found = set()
    for path in places.vault.originals.incoming.glob("*.draft.json"):
        try:
            found.add(str(json.loads(path.read_bytes())["sha"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _is_left(path: Path) -> bool:
    """Nobody has touched it for long."""
    try:
        return time.time() - path.lstat().st_mtime > _OWNED
    except FileNotFoundError:
        return False
