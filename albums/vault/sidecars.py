"""The JSON beside an original: all that its bytes do not say. Replaced at once, never in place.

A sidecar starts as a draft in `incoming/`, so that an arrival cut off between its bytes and its
row is finished at the next start. Schema: see SCHEMA and albums/ingest/receive.py.
"""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from albums.errors import LibraryUnusable
from albums.vault.durable import fsync_folder, make_folder, write_synced

SCHEMA = 1
_DRAFT = ".draft.json"


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
        """Write what will become the sidecar, before anything else is known to be done."""
        path = self.incoming / f"{token}{_DRAFT}"
        write_synced(path, _encode(content))
        return path

    def finish(self, draft: Path, sha: str) -> None:
        """Give a draft its final name beside the original."""
        draft.replace(self.path(sha))
        fsync_folder(self.path(sha).parent)

    def adopt(self, draft: Path, sha: str, content: dict[str, Any], *, first: bool) -> None:
        """A draft becomes the sidecar, or its content is added to the one that is there.

        `first`: this arrival made the asset, even where a later one was quicker to write.
        """
        with self._updating:
            if self.read(sha) is None:
                self.finish(draft, sha)
                return
        self.add_arrival(sha, content, first=first)
        draft.unlink()

    def update(self, sha: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Read, let `change` alter the content in place, write if it differs. One at a time."""
        with self._updating:
            old = self.read(sha) or {"sha": sha}
            new = copy.deepcopy(old)
            change(new)
            if new != old:
                self.write(sha, new)

    def add_arrival(self, sha: str, again: dict[str, Any], *, first: bool = False) -> None:
        """The same bytes came once more: remember this arrival and what it claims, too.

        A claim that is said again counts as said last: the order is that in which the library
        believed them. Arrivals stay in the order in which they came.
        """

        def merge(content: dict[str, Any]) -> None:
            for key in ("arrivals", "claims", "collections"):
                new, known = again.get(key, []), content.get(key, [])
                if key == "arrivals" and not first:
                    content[key] = known + [i for i in new if i not in known]
                elif first:
                    content[key] = [i for i in new if i not in known] + known
                else:
                    content[key] = [i for i in known if i not in new] + new
            for key, value in again.items():  # where only a step has written so far
                content.setdefault(key, value)

        self.update(sha, merge)

    def drafts(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """What was cut off half-way. A draft that is itself cut off is no promise: it goes."""
        for path in sorted(self.incoming.glob(f"*{_DRAFT}")):
            try:
                yield path, _decode(path)
            except ValueError:
                path.unlink()
