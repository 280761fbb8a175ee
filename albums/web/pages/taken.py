"""The line "Taken" of an asset's page: why that time is believed, in plain words, and which others
there are."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

_WHO = {
    "person": "You said so",
    "exif": "As the camera wrote it",
    "xmp": "As a program wrote it into the file",
    "iptc": "As a program wrote it into the file",
    "container": "As the file itself says",
    "neighbours": "By what was taken around it",
    "name": "By the file's name",
    "instant": "As a service told the moment",
    "file": "By the file's time on its disk",
    "arrival": "Nothing tells when it was taken: this is when it arrived",
}
_TAG = re.compile(r"[\w:.©]+")  # the name of a tag stands first in a reason
_PLAIN = (
    (r"date and time in the file name|time of the file on disk|when it arrived", ""),
    (r"date in the file name, only in part", "the day, but no time"),
    (r"offset tag|offset written with it", "its zone is written beside it"),
    (r"zone unknown", "in which zone is not known"),
    (r"offset from GPS place (.+)", r"the zone is that of the place, \1"),
    (r"zone of the GPS place (.+)", r"told on the clock of the place, \1"),
    (r"this library's zone (.+)", r"told on this library's clock, \1"),
    (r"offset from the GPS clock(?:, not of .+)?", "the GPS clock beside it tells the zone"),
    (r"offset from the moment that (\w+) says", r"\1 says the moment, and so the zone"),
    (r"offset from the local time in the file name", "the local time in its name tells the zone"),
    (r"offset from the UTC in the file name", "the time in its name is in UTC and tells the zone"),
    (r"offset from the time on disk", "the file's time on disk tells the zone"),
)


def taken(asset: dict[str, Any]) -> dict[str, Any]:
    """Of an asset as `library.detail` gives it: `offset` ("UTC+02:00" or ''), `why` (a sentence),
    `others` (times that somebody else says: value, why), `history` (of corrections), `scope` (a
    query for what the same camera took on that day, or '')."""
    claims = [fact for fact in asset["facts"] if fact["field"] == "captured_at"]
    value = asset["captured_at"]
    said = [fact for fact in claims if fact["source"] != "arrival" and fact["value"] != value]
    others = {fact["value"]: why(fact) for fact in reversed(said)}
    history = [f["value"] for f in asset["facts"] if f["field"] == "corrections"]
    return {
        "offset": offset(value),
        "why": why(claims[0]) if claims else "",
        "others": [{"value": other, "why": reason} for other, reason in reversed(others.items())],
        "history": [entry for entries in history for entry in reversed(entries)],
        "scope": _scope(asset),
    }


def why(fact: dict[str, Any]) -> str:
    """A claim of captured_at -> a sentence, such as "As the camera wrote it (DateTimeOriginal): the
    zone is that of the place, Asia/Tokyo"."""
    who = _WHO.get(fact["source"], f"As {fact['source'].capitalize()} says")
    parts = [part for part in fact["detail"].split("; ") if part]
    if parts and _TAG.fullmatch(parts[0]):
        who = f"{who} ({parts.pop(0)})"
    words = "; ".join(plain for part in parts if (plain := _plain(part)))
    return f"{who}: {words}" if words else who


def _plain(part: str) -> str:
    for pattern, words in _PLAIN:
        if match := re.fullmatch(pattern, part):
            return match.expand(words)
    return part


def offset(captured_at: str | None) -> str:
    """ "2024-05-01T10:00:00+02:00" -> "UTC+02:00"; '' where none is known."""
    if not captured_at or datetime.fromisoformat(captured_at).tzinfo is None:
        return ""
    return f"UTC{captured_at[-6:]}"


def _scope(asset: dict[str, Any]) -> str:
    if not asset["camera"] or not asset["captured_at"]:
        return ""
    return f'camera:"{asset["camera"]}" on:{asset["captured_at"][:10]}'
