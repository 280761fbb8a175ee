"""The JSON beside an original: all that its bytes do not say. Replaced at once, never in place.

A sidecar starts as a draft in `incoming/`, so that an arrival cut off between its bytes and its
row is finished at the next start. Schema: see SCHEMA and albums/ingest/receive.py.
"""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from albums.errors import LibraryUnusable
from albums.vault.durable import (
    fsync_folder,
    make_folder,
    room_on_disk,
    sync_all,
    write_new,
    write_synced,
)

SCHEMA = 1
_DRAFT = ".draft.json"
_T = TypeVar("_T")
_MANY = 8  # files
_AT_ONCE = 4  # threads


def _encode(content: dict[str, Any]) -> bytes:
    text = json.dumps({"schema": SCHEMA} | content, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "surrogatepass")  # as json.loads reads it


def _decode(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("It holds no object")
    except ValueError as error:
        raise DamagedSidecar(
            f"The sidecar {path.name} is damaged",
            why=str(error),
            hint="`albums verify --repair` makes it anew from the database",
        ) from error
    if content.get("schema", 0) > SCHEMA:
        raise LibraryUnusable(
            f"The sidecar {path.name} was written by a newer Albums",
            hint="Update this program",
        )
    return content


class DamagedSidecar(LibraryUnusable, ValueError):
    """What lies there is no sidecar any more."""


@dataclass(frozen=True)
class Draft:
    """What will become a sidecar, or be added to the one that is there."""

    path: Path
    content: dict[str, Any]
    first: bool = False  # this arrival made the asset, even where a later one was quicker to write

    @property
    def sha(self) -> str:
        return str(self.content["sha"])


class Sidecars:
    """One JSON file an original, in the same folder."""

    def __init__(self, root: Path, incoming: Path) -> None:
        self.root = root
        self.incoming = incoming
        self._updating = threading.Lock()

    def path(self, sha: str) -> Path:
        return self.root / sha[:2] / f"{sha}.sidecar.json"

    def read(self, sha: str) -> dict[str, Any] | None:
        """The sidecar's content, or None where there is none."""
        try:
            return _decode(self.path(sha))
        except FileNotFoundError:
            return None

    def write(self, sha: str, content: dict[str, Any]) -> None:
        """Replace the sidecar; it is on disk when this returns."""
        path = self.path(sha)
        make_folder(path.parent)
        # Cut off, what lies in `incoming/` is swept; beside the original it would stay.
        temporary = self.incoming / f"{uuid.uuid4().hex}.part"
        write_synced(temporary, _encode(content))
        temporary.replace(path)
        fsync_folder(path.parent)

    def draft(self, token: str, content: dict[str, Any]) -> Path:
        """Write what will become the sidecar, before anything else is known to be done.
        `sync_all` must follow."""
        path = self.incoming / f"{token}{_DRAFT}"
        write_new(path, _encode(content))
        return path

    def adopt(self, drafts: Sequence[Draft]) -> list[DamagedSidecar]:
        """Drafts become sidecars, or their content is added to the ones that are there; all of it
        survives a power cut when this returns. Returns which sidecars are damaged: their drafts
        stay, and a start after the repair finishes them."""
        damaged = list[DamagedSidecar]()
        with self._updating, _Adopting(self) as adopting:
            for draft in drafts:
                try:
                    adopting.add(draft)
                except DamagedSidecar as error:
                    damaged.append(error)
            adopting.finish()
        return damaged

    def update(self, sha: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Read, let `change` alter the content in place, write if it differs. One at a time."""
        with self._updating:
            old = self.read(sha) or {"sha": sha}
            new = copy.deepcopy(old)
            change(new)
            if new != old:
                self.write(sha, new)

    def update_all(
        self, changes: Mapping[str, Callable[[dict[str, Any]], None]]
    ) -> tuple[set[str], list[DamagedSidecar]]:
        """`update` of many, by hash, for the price of a few: all of it survives a power cut when
        this returns. Returns whose sidecars were written, and which are damaged and left."""
        damaged = list[DamagedSidecar]()
        with self._updating, _Adopting(self) as rewriting:
            for sha, change in changes.items():
                try:
                    rewriting.change(sha, change)
                except DamagedSidecar as error:
                    damaged.append(error)
            return rewriting.finish(), damaged

    def drafts(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """What was cut off half-way. A draft that is itself cut off is no promise: it goes."""
        for path in sorted(self.incoming.glob(f"*{_DRAFT}")):
            try:
                yield path, _decode(path)
            except ValueError:
                path.unlink()


class _Adopting:
    """Drafts on their way: new files are synced at once, then renamed, then their folders."""

    def __init__(self, sidecars: Sidecars) -> None:
        self._sidecars = sidecars
        self._content: dict[str, dict[str, Any]] = {}  # of sidecars, once all is renamed
        self._parts: dict[Path, bytes] = {}
        self._renames = defaultdict[Path, list[Path]](list)  # final name: what gets it, in order
        self._merged = list[Path]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts:  # where it went wrong
            part.unlink(missing_ok=True)

    def add(self, draft: Draft) -> None:
        """Raises DamagedSidecar."""
        old = self._content.get(draft.sha) or self._sidecars.read(draft.sha)
        if old is None:
            self._content[draft.sha] = draft.content
            self._renames[self._sidecars.path(draft.sha)].append(draft.path)
            return
        new = with_arrival(old, draft.content, first=draft.first)
        self._merged.append(draft.path)
        if new != old:
            self._write(draft.sha, new)

    def change(self, sha: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Raises DamagedSidecar."""
        old = self._content.get(sha) or self._sidecars.read(sha) or {"sha": sha}
        new = copy.deepcopy(old)
        change(new)
        if new != old:
            self._write(sha, new)

    def _write(self, sha: str, content: dict[str, Any]) -> None:
        self._content[sha] = content
        part = self._sidecars.incoming / f"{uuid.uuid4().hex}.part"
        self._parts[part] = _encode(content)
        self._renames[self._sidecars.path(sha)].append(part)

    def finish(self) -> set[str]:
        """Returns whose sidecars are new or others now."""
        with room_on_disk("this sidecar"):
            _each(lambda part: write_new(*part), self._parts.items())
            sync_all(self._parts)
            _each(_rename, self._renames.items())
            self._parts.clear()
            sync_all({final.parent for final in self._renames})
        for path in self._merged:
            path.unlink()
        return set(self._content)


def _rename(item: tuple[Path, list[Path]]) -> None:
    final, paths = item
    for path in paths:
        path.replace(final)


def _each(do: Callable[[_T], None], items: Collection[_T]) -> None:
    """Several at once where they are many: most of making and renaming files is waiting."""
    if len(items) < _MANY:
        for item in items:
            do(item)
        return
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sidecars") as pool:
        for _ in pool.map(do, items):
            pass  # raises what went wrong


def with_arrival(content: dict[str, Any], again: dict[str, Any], *, first: bool) -> dict[str, Any]:
    """The same bytes came once more: remember this arrival and what it claims, too.

    A claim that is said again counts as said last: the order is that in which the library
    believed them. Arrivals stay in the order in which they came. `first` as of Draft.
    """
    merged = dict(content)
    for key in ("arrivals", "claims", "collections"):
        new, known = again.get(key, []), content.get(key, [])
        if key == "arrivals" and not first:
            merged[key] = known + [i for i in new if i not in known]
        elif first:
            merged[key] = [i for i in new if i not in known] + known
        else:
            merged[key] = [i for i in known if i not in new] + new
    return again | merged  # where only a step has written so far
