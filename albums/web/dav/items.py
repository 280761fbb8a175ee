"""What stands in a room, and the properties that it has by nature."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree.ElementTree import Element, SubElement

from albums.library.dav_files import Entry
from albums.web.dav.locks import Lock
from albums.web.dav.markup import (
    Found,
    dav,
    lock_discovery,
    parse_stored,
    supported_locks,
    text_element,
)
from albums.web.dav.places import href

_OWNCLOUD = "{http://owncloud.org/ns}"
_CHECKSUMS = f"{_OWNCLOUD}checksums"
_NANO = 1_000_000_000
# Only told when asked for by name (RFC 4331).
_QUOTA = (dav("quota-available-bytes"), dav("quota-used-bytes"))


@dataclass(frozen=True)
class Item:
    """One line of a listing."""

    room: str
    path: str
    is_folder: bool
    size: int = 0  # bytes
    mime: str = ""
    etag: str = ""
    created_ns: int = 0
    modified_ns: int = 0
    checksums: str = ""  # as ownCloud's clients read them
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def href(self) -> str:
        return href(self.room, self.path, self.is_folder)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2] or self.room


@dataclass(frozen=True)
class Space:
    """Bytes of the disk that the library lies on."""

    used: int
    free: int


def etag_of(sha: str) -> str:
    """Half a SHA-256: whole ones are longer than some clients' buffers for the If header."""
    return sha[:32]


def item_of(entry: Entry) -> Item:
    mime = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
    return Item(
        "inbox",
        entry.path,
        entry.is_folder,
        entry.size,
        mime,
        etag_of(entry.sha),
        entry.created_ns,
        entry.modified_ns,
        properties=entry.properties,
    )


def live(item: Item, space: Space) -> dict[str, str]:
    """Every plain property that is not a client's own, by its name."""
    said = {
        dav("displayname"): item.name,
        dav("creationdate"): iso_date(item.created_ns),
        dav("getlastmodified"): http_date(item.modified_ns),
    }
    if item.is_folder:
        return said | {_QUOTA[0]: str(space.free), _QUOTA[1]: str(space.used)}
    return said | {
        dav("getcontentlength"): str(item.size),
        dav("getcontenttype"): item.mime,
        dav("getetag"): f'"{item.etag}"',
    }


def answer(asked: Element | None, item: Item, locks: Sequence[Lock], space: Space) -> Found:
    """What a PROPFIND is told of one item; `asked` is its body."""
    plain, built = live(item, space), _built(item, locks)
    names = [*plain, *built, *item.properties]

    def element(tag: str) -> Element:
        if tag in plain:
            return text_element(tag, plain[tag])
        return built[tag]() if tag in built else parse_stored(item.properties[tag])

    if asked is not None and asked.find(dav("propname")) is not None:
        return {200: [Element(tag) for tag in names]}
    wanted = asked.find(dav("prop")) if asked is not None else None
    if wanted is None:
        return {200: [element(tag) for tag in names if tag not in _QUOTA]}
    there = [element(one.tag) for one in wanted if one.tag in names]
    missing = [Element(one.tag) for one in wanted if one.tag not in names]
    return {status: found for status, found in ((200, there), (404, missing)) if found} or {200: []}


def _built(item: Item, locks: Sequence[Lock]) -> dict[str, Callable[[], Element]]:
    """Properties that are more than text."""
    more = {_CHECKSUMS: lambda: _checksums(item)} if item.checksums else {}
    return more | {
        dav("resourcetype"): lambda: _kind(item),
        dav("supportedlock"): supported_locks,
        dav("lockdiscovery"): lambda: lock_discovery(locks),
    }


PROTECTED = frozenset(
    map(
        dav,
        ("resourcetype", "supportedlock", "lockdiscovery", "displayname", "creationdate",
         "getcontentlength", "getcontenttype", "getetag", "quota-available-bytes",
         "quota-used-bytes"),
    )
) | {_CHECKSUMS}  # fmt: skip


def _kind(item: Item) -> Element:
    kind = Element(dav("resourcetype"))
    if item.is_folder:
        SubElement(kind, dav("collection"))
    return kind


def _checksums(item: Item) -> Element:
    checksums = Element(_CHECKSUMS)
    checksums.append(text_element(f"{_OWNCLOUD}checksum", item.checksums))
    return checksums


def iso_date(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // _NANO, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(nanoseconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(nanoseconds // _NANO, UTC), usegmt=True)


def nanoseconds(date: str) -> int | None:
    """Of "Sat, 21 Nov 2026 16:31:40 GMT" or ISO 8601 since 1970; None for anything else."""
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError):
        try:
            moment = datetime.fromisoformat(date.strip())
        except ValueError:
            return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return sane(int(moment.timestamp()) * _NANO)


def seconds_header(header: str | None) -> int | None:
    """X-OC-Mtime, seconds since 1970, in nanoseconds."""
    if header is None or not re.fullmatch(r"\s*-?[0-9]{1,12}(\.[0-9]{1,9})?\s*", header):
        return None
    whole, _, part = header.strip().partition(".")
    return sane(int(whole) * _NANO + int(part.ljust(9, "0") or 0))


def sane(moment_ns: int) -> int | None:
    """None for what no calendar and no database can hold."""
    return moment_ns if 0 <= moment_ns < 1 << 62 else None
