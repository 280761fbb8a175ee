"""A rule as people write it, "+1:00", "India", "Bangalore", made into one as it is kept."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from albums.curate.time_acts import amount_of
from albums.errors import BadInput
from albums.ingest.facts.gazetteer import gazetteer
from albums.library.rule_actions import CorrectPlace, DistrustDate, ShiftDate
from albums.library.rules import Rule

_DEGREES = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)\s*")


def rule_asked(said: Mapping[str, Any], rule_id: str = "", *, enabled: bool = True) -> Rule:
    """`name`, `query`, `action`; of distrust-date `whose`; of shift-date `by` or `anchors`, and
    `since`, `until`; of correct-place `country`, `only`, `to`. Raises BadInput."""
    action = str(said.get("action") or "")
    details = _DETAILS[action](said) if action in _DETAILS else {}
    name, query = (" ".join(str(said.get(key) or "").split()) for key in ("name", "query"))
    return Rule(rule_id, name, query, action, details, enabled, "")


def _distrusting(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"whose": sorted(set(said.get("whose") or ()))}


def _shifting(said: Mapping[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {key: said[key] for key in ("since", "until") if said.get(key)}
    anchors = [list(pair) for pair in said.get("anchors") or () if any(pair)]
    if any(not all(pair) for pair in anchors):
        raise BadInput("An anchor has two times", hint="What the clock showed, and what was right")
    if anchors:
        return details | {"anchors": anchors}
    return details | {"seconds": round(amount_of(said.get("by")).total_seconds())}


def _correcting(said: Mapping[str, Any]) -> dict[str, Any]:
    country = gazetteer().country(str(said.get("country") or ""))
    if country is None:
        raise BadInput(
            f"{str(said.get('country') or '')[:50]!r} is no country",
            hint="Write its name in English, or its two letters: India, IN",
        )
    code, name = country
    only = _inside(code, name, said.get("only") or ())
    details: dict[str, Any] = {"country": code, "country_name": name, "only": only}
    if said.get("to"):
        words, point = _somewhere(str(said["to"]))
        details |= {"to": list(point), "to_name": words}
    return details


def _inside(code: str, country: str, names: Iterable[str]) -> list[str]:
    known = {name.casefold(): name for name in gazetteer().inside(code)}
    found = []
    for name in dict.fromkeys(" ".join(name.split()) for name in names):
        if name.casefold() not in known:
            near = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.6)
            meant = f"Did you mean {' or '.join(known[one] for one in near)}?" if near else ""
            raise BadInput(f"{name[:50]!r} is no city or region of {country}", hint=meant)
        found.append(known[name.casefold()])
    return found


def _somewhere(text: str) -> tuple[str, tuple[float, float]]:
    if match := _DEGREES.fullmatch(text):
        latitude, longitude = float(match[1]), float(match[2])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return "", (latitude, longitude)
        raise BadInput(f"{text!r} is not on Earth")
    named = gazetteer().named(text)
    if named is None:
        raise BadInput(
            f"{text[:50]!r} is no city that the box knows",
            hint="Write a city and its country, or latitude and longitude: 12.97, 77.59",
        )
    return named


_DETAILS = {
    DistrustDate.kind: _distrusting,
    ShiftDate.kind: _shifting,
    CorrectPlace.kind: _correcting,
}
