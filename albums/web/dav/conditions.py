"""What a request is conditional on: If (RFC 4918, section 10.4), If-Match and If-None-Match."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers

from albums.web.dav.places import DavRefusal, Place, place_of

_PIECE = re.compile(r"\s*(?:<([^<>]*)>|\[([^\[\]]*)\]|(\()|(\))|(not\b))", re.IGNORECASE)
_LONGEST = 8192


@dataclass(frozen=True)
class Condition:
    """A lock token or an ETag that a resource must (or, if `negated`, must not) have."""

    token: str | None
    etag: str | None
    negated: bool


@dataclass(frozen=True)
class AllOf:
    """Conditions that must hold together, of `place`; of the request's own where None."""

    place: Place | None
    conditions: tuple[Condition, ...]


def parse_if(header: str | None) -> list[AllOf]:
    """One of these must hold; an empty list when there is no such header. Raises DavRefusal."""
    lists: list[AllOf] = []
    place: Place | None = None
    inside: list[Condition] | None = None
    negated, at = False, 0
    text = (header or "").rstrip()
    while at < len(text):
        piece = _PIECE.match(text, at) if len(text) <= _LONGEST else None
        if piece is None:
            raise _broken()
        at = piece.end()
        coded, etag, opens, closes, no = piece.groups()
        if inside is None:
            if opens:
                inside = []
            elif coded is not None:
                place = _place(coded)
            else:
                raise _broken()
        elif closes and inside and not negated:
            lists.append(AllOf(place, tuple(inside)))
            inside = None
        elif no and not negated:
            negated = True
        elif coded is not None or etag is not None:
            inside.append(Condition(coded, etag, negated))
            negated = False
        else:
            raise _broken()
    if inside is not None or (header is not None and not lists):
        raise _broken()
    return lists


def holds(lists: list[AllOf], own: Place, true: Callable[[Place, Condition], bool]) -> bool:
    return not lists or any(
        all(true(one.place or own, c) is not c.negated for c in one.conditions) for one in lists
    )


def tokens(lists: list[AllOf]) -> set[str]:
    """Every lock that the client says it holds."""
    return {c.token for one in lists for c in one.conditions if c.token}


def check_match(headers: Headers, etag: str | None) -> None:
    """`etag` is the resource's, None where there is none yet. Raises DavRefusal (412)."""
    wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
    if (wanted and not _among(wanted, etag)) or (unwanted and _among(unwanted, etag)):
        raise DavRefusal(412, "The file here is not the one that was expected")


def same_etag(said: str, etag: str | None) -> bool:
    return etag is not None and said.strip().removeprefix("W/").strip('"') == etag


def _among(header: str, etag: str | None) -> bool:
    if header.strip() == "*":
        return etag is not None
    return any(same_etag(said, etag) for said in header.split(","))


def _place(coded: str) -> Place | None:
    try:
        return place_of(unquote(urlsplit(coded).path, errors="strict"))
    except ValueError as error:
        raise _broken() from error


def _broken() -> DavRefusal:
    return DavRefusal(400, "The If header cannot be understood")
