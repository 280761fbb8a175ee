"""Published file names of real exports and of other tools' tests, where their list is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from albums.sources.takeout.matching import match
from albums.sources.takeout.pairing import Medium, Pairing, Sidecar

CASES = os.environ.get("ALBUMS_TAKEOUT_CASES")

# By line, from 0: cases whose expected pair cannot be known from what they show. All but the last
# must be reported as ambiguous, with the expected sidecar among the candidates.
SHORT_SUFFIX = (39, 42, 55, 56, 57, 60, 65, 70, 76, 80, 85)  # "-ed" on a name too short for a cut
TWO_COUNTERS = (107,)  # one sidecar by an uploaded counter, one by an added counter
CLIP_COUNTERS = (118, 177)  # clips count for themselves; line 189 shows the same and expects none
CUT_AWAY = (30,)  # a counter, and no sidecar of that counter: an edited copy, or another photo
UNDECIDABLE = {*CUT_AWAY, *SHORT_SUFFIX, *TWO_COUNTERS, *CLIP_COUNTERS}
NO_RULE = {197}  # an underscore less: the list itself says that this is no rule


def split(path: str) -> tuple[str, str]:
    folder, _, name = path.split(":", 1)[-1].rpartition("/")
    return folder, name


def run(case: dict[str, Any]) -> dict[str, Pairing]:
    titles = case.get("json_titles", {})
    media, sidecars = [], []
    for path in case["files"]:
        folder, name = split(path)
        if name.lower().endswith(".json"):
            sidecars.append(Sidecar(path, folder, name, title=titles.get(path)))
        else:
            media.append(Medium(path, folder, name))
    return {pairing.medium.id: pairing for pairing in match(media, sidecars).pairings}


def verdict(pairing: Pairing, expected: str | None) -> str:
    if (pairing.sidecar.id if pairing.sidecar else None) == expected:
        return "right"
    if pairing.kind == "ambiguous" and expected in {s.id for s in pairing.candidates}:
        return "ambiguous"
    return "wrong" if pairing.sidecar else "not found"


@pytest.mark.skipif(not CASES, reason="ALBUMS_TAKEOUT_CASES does not name a list of cases")
def test_the_published_cases_are_paired_or_known_to_be_undecidable() -> None:
    found: dict[int, set[str]] = {}
    for number, line in enumerate(Path(str(CASES)).read_text(encoding="utf-8").splitlines()):
        case = json.loads(line)
        pairings = run(case)
        found[number] = {verdict(pairings[e["media"]], e["json"]) for e in case["expect"]}
    unlike = {number: verdicts for number, verdicts in found.items() if verdicts - {"right"}}
    assert {n for n, verdicts in unlike.items() if "wrong" in verdicts} == set()
    assert {n for n, verdicts in unlike.items() if "ambiguous" in verdicts} == UNDECIDABLE
    assert {n for n, verdicts in unlike.items() if "not found" in verdicts} == NO_RULE
