"""One request to the inbox: who asks, for what, on which conditions, with which locks in hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import Headers

from albums.identity.access import Caller
from albums.library.dav_files import Entry, find_entry, parent_of
from albums.sources.webdav import THIS_MACHINE, Inbox
from albums.web.dav.conditions import (
    AllOf,
    Condition,
    check_match,
    holds,
    parse_if,
    same_etag,
    tokens,
)
from albums.web.dav.items import etag_of
from albums.web.dav.locks import Lock, Locks, locked
from albums.web.dav.places import DavRefusal, Place, destination


@dataclass(frozen=True)
class Asked:
    """Everything that a verb needs to know."""

    method: str
    place: Place
    headers: Headers
    caller: Caller
    inbox: Inbox
    locks: Locks

    @property
    def owner(self) -> str:
        """Each device has an inbox of its own; so has this machine."""
        return self.caller.device or THIS_MACHINE

    @property
    def path(self) -> str:
        return self.place.path

    @cached_property
    def lists(self) -> list[AllOf]:
        return parse_if(self.headers.get("if"))

    def depth(self, default: str) -> str:
        depth = self.headers.get("depth", default).strip().lower()
        if depth not in ("0", "1", "infinity"):
            raise DavRefusal(400, "Depth is 0, 1 or infinity")
        return depth

    def find(self, path: str | None = None) -> Entry | None:
        """The inbox itself is always there."""
        path = self.path if path is None else path
        with self.inbox.library.read() as db:
            found = find_entry(db, self.owner, path)
        if found is None and not path:
            return Entry(self.owner, self.caller.origin, "", True, 0, "", None, 0, 0, 0.0, {})
        return found

    def there(self) -> Entry:
        found = self.find()
        if found is None:
            raise DavRefusal(404, f"There is no {self.path} in the inbox")
        return found

    def refuse_orphan(self, path: str) -> None:
        """Raises DavRefusal (409) where the folder of `path` is missing."""
        above = self.find(parent_of(path))
        if above is None or not above.is_folder:
            raise DavRefusal(409, f"There is no folder {parent_of(path)}", hint="Make it first")

    def check(self, entry: Entry | None) -> None:
        """What the client expects of `entry`, the resource of this request."""
        if not holds(self.lists, self.place, self._true):
            raise DavRefusal(412, "What was expected here is not so")
        check_match(self.headers, standing_etag(entry))

    def unlock(self, standing: Iterable[Lock]) -> None:
        """Raises DavRefusal (423) unless the client holds these locks, of each path one."""
        standing = list(standing)
        held = tokens(self.lists)
        open_paths = {lock.path for lock in standing if lock.token in held}
        if any(lock.path not in open_paths for lock in standing):
            raise locked(self.path)

    def target(self) -> tuple[str, Entry | None]:
        """Where COPY or MOVE leads, and what stands there. Raises DavRefusal."""
        place = destination(self.headers.get("destination"), self.headers.get("host", ""))
        if place.room != "inbox" or not place.path:
            raise DavRefusal(403, "Files are only moved and copied within the inbox")
        if place.path == self.path or not self.path:
            raise DavRefusal(403, "A file cannot be put where it is")
        self.refuse_orphan(place.path)
        found = self.find(place.path)
        if found and self.headers.get("overwrite", "T").strip().upper() == "F":
            raise DavRefusal(412, f"{place.path} is there already")
        return place.path, found

    def _true(self, place: Place, condition: Condition) -> bool:
        if place.room != "inbox":
            return False
        if condition.etag is not None:
            return same_etag(condition.etag, standing_etag(self.find(place.path)))
        standing = self.locks.on(self.owner, place.path)
        return any(lock.token == condition.token for lock in standing)


def standing_etag(entry: Entry | None) -> str | None:
    return etag_of(entry.sha) if entry and not entry.is_folder else None
