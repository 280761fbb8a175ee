"""Write locks, as Finder and Windows ask for them. They end by themselves, so memory will do."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from albums.library.dav_files import parent_of
from albums.web.dav.places import DavRefusal

LONGEST = 3600  # seconds
_MOST = 1000  # locks that one device may hold


@dataclass(frozen=True)
class Lock:
    """`note` is what its holder wrote about themselves."""

    token: str
    owner: str  # whose inbox
    path: str
    infinite: bool  # also what lies below
    exclusive: bool
    note: Element | None
    seconds: int
    until: float  # monotonic

    def covers(self, owner: str, path: str) -> bool:
        if owner != self.owner:
            return False
        return path == self.path or (self.infinite and is_below(path, self.path))


def is_below(path: str, folder: str) -> bool:
    return path != folder and (not folder or path.startswith(f"{folder}/"))


class Locks:
    """All locks of all inboxes."""

    def __init__(self) -> None:
        self._locks: dict[str, Lock] = {}
        self._guard = threading.Lock()

    def _alive(self) -> list[Lock]:
        now = time.monotonic()
        self._locks = {token: lock for token, lock in self._locks.items() if lock.until > now}
        return list(self._locks.values())

    def on(self, owner: str, path: str) -> list[Lock]:
        """Those that protect `path` itself."""
        with self._guard:
            return [lock for lock in self._alive() if lock.covers(owner, path)]

    def protecting(
        self, owner: str, path: str, *, names: bool = False, tree: bool = False
    ) -> list[Lock]:
        """Those whose token is needed to write `path`; with `names` also to add it to its folder
        or take it away; with `tree` for all that lies below as well."""
        with self._guard:
            return [
                lock
                for lock in self._alive()
                if lock.covers(owner, path)
                or (names and path and lock.covers(owner, parent_of(path)))
                or (tree and lock.owner == owner and is_below(lock.path, path))
            ]

    def add(
        self,
        owner: str,
        path: str,
        *,
        infinite: bool,
        exclusive: bool,
        note: Element | None,
        seconds: int,
    ) -> Lock:
        """Raises DavRefusal (423) where another lock stands in the way."""
        until = time.monotonic() + seconds
        token = f"urn:uuid:{uuid.uuid4()}"
        lock = Lock(token, owner, path, infinite, exclusive, note, seconds, until)
        with self._guard:
            held = [other for other in self._alive() if other.owner == owner]
            if any(_clash(lock, other) for other in held):
                raise locked(path)
            if len(held) >= _MOST:
                raise DavRefusal(503, f"This device holds {_MOST} locks already")
            self._locks[token] = lock
        return lock

    def refresh(self, token: str, seconds: int) -> Lock:
        until = time.monotonic() + seconds
        with self._guard:
            lock = replace(self._locks[token], seconds=seconds, until=until)
            self._locks[token] = lock
        return lock

    def remove(self, token: str) -> None:
        with self._guard:
            self._locks.pop(token, None)

    def remove_below(self, owner: str, path: str) -> None:
        """What is deleted or moved away loses its locks."""
        with self._guard:
            for lock in self._alive():
                if lock.owner == owner and (lock.path == path or is_below(lock.path, path)):
                    del self._locks[lock.token]


def locked(path: str) -> DavRefusal:
    return DavRefusal(423, f"{path} is locked by another program", condition="lock-token-submitted")


def _clash(new: Lock, old: Lock) -> bool:
    meet = old.covers(new.owner, new.path) or new.covers(old.owner, old.path)
    return meet and (new.exclusive or old.exclusive)
