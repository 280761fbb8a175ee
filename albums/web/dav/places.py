"""Paths and addresses under /dav, and how they are refused."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from albums.errors import AlbumsError

PREFIX = "/dav"
_LONGEST_NAME = 255  # bytes
_LONGEST_PATH = 4096  # characters


class DavRefusal(AlbumsError):
    """No, with the HTTP status that WebDAV has for it."""

    code = "dav"

    def __init__(
        self, status: int, what: str, *, why: str = "", hint: str = "", condition: str = ""
    ) -> None:
        """`condition`: the name that RFC 4918 gives to what was not met."""
        super().__init__(what, why=why, hint=hint)
        self.status = status
        self.condition = condition


@dataclass(frozen=True)
class Place:
    """What an address means: a room and a path in it, without slashes at its ends."""

    room: Literal["", "inbox", "library"]
    path: str


def place_of(path: str) -> Place:
    """From a decoded path such as /dav/inbox/DCIM/IMG_1.jpg. Raises DavRefusal."""
    segments = [segment for segment in _normal(path).split("/") if segment]
    if not segments or f"/{segments[0]}" != PREFIX:
        raise DavRefusal(404, f"There is nothing at {path[:200]!r}")
    for segment in segments:
        _refuse_bad(segment)
    match segments[1:]:
        case []:
            return Place("", "")
        case ["inbox", *rest]:
            return Place("inbox", "/".join(rest))
        case ["library", *rest]:
            return Place("library", "/".join(rest))
    raise DavRefusal(
        404, "There is only /dav/inbox and /dav/library", hint="Use one of these as the folder"
    )


def destination(header: str | None, host: str) -> Place:
    """Where COPY and MOVE lead: an address of this box. Raises DavRefusal."""
    if not header:
        raise DavRefusal(400, "Destination is missing")
    try:
        parts = urlsplit(header)
        path = unquote(parts.path, errors="strict")
        elsewhere = parts.netloc and parts.hostname != urlsplit(f"//{host}").hostname
    except ValueError as error:
        raise DavRefusal(400, "Destination is not an address", why=str(error)) from error
    if elsewhere:
        raise DavRefusal(502, "Destination is another server")
    return place_of(path)


def href(room: str, path: str, is_folder: bool) -> str:
    """The address of something, encoded; folders end in a slash."""
    whole = "/".join(part for part in (PREFIX, room, path) if part)
    return quote(whole + "/" * is_folder, safe="/~!$'()*+,;=:@")


def _normal(path: str) -> str:
    if len(path) > _LONGEST_PATH:
        raise DavRefusal(414, f"The path is longer than {_LONGEST_PATH} characters")
    return unicodedata.normalize("NFC", path)


def _refuse_bad(segment: str) -> None:
    why = ""
    if segment in (".", ".."):
        why = "a folder cannot be called so"
    elif any(unicodedata.category(c) in ("Cc", "Cs") for c in segment):
        why = "control characters cannot be in a name"
    elif "\ufffd" in segment:
        why = "it is not UTF-8"
    elif len(segment.encode()) > _LONGEST_NAME:
        why = f"it is longer than {_LONGEST_NAME} bytes"
    if why:
        raise DavRefusal(400, f"The name {segment[:60]!r} cannot be used", why=why)
