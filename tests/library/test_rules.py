"""Rules as they are kept, and actions as they are made of what is kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from albums.errors import BadInput, NotFound
from albums.library.database import Library
from albums.library.facts import PARTLY, Claim
from albums.library.rule_actions import ShiftDate, Unruled, action_of
from albums.library.rules import (
    Rule,
    all_rules,
    as_file,
    from_file,
    put_rules,
    rule_of,
    version,
)

RULES = [
    Rule("aa11", "", "year:2014", "shift-date", {"seconds": 60}, True, "2026-01-01T00:00:00+00:00"),
    Rule("bb22", "Öl", "", "correct-place", {"country": "IN", "only": ["Mysore"]}, False, "2026-"),
]


def test_what_is_in_the_file_is_in_the_table_again(library: Library) -> None:
    with library.write() as db:
        put_rules(db, RULES)
        content = as_file(db)
        put_rules(db, [])
        from_file(db, content)
        assert all_rules(db) == RULES
        assert rule_of(db, "bb22") == RULES[1]
        with pytest.raises(NotFound):
            rule_of(db, "cc33")


@pytest.mark.parametrize(
    "damage",
    [b"", b"{}x", b'[{"id": "aa"}]', b"[7]", b'{"id": 1}'],
)
def test_a_damaged_file_is_refused(library: Library, damage: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)), library.write() as db:
        from_file(db, damage)


def test_a_rule_of_an_action_that_nobody_knows_is_refused(library: Library) -> None:
    content = json.dumps([RULES[0].as_json() | {"action": "paint"}]).encode()
    with pytest.raises(BadInput, match="cannot 'paint'"), library.write() as db:
        from_file(db, content)


def test_the_version_is_that_of_what_is_done(library: Library) -> None:
    def version_of(*rules: Rule) -> str:
        with library.write() as db:
            put_rules(db, rules)
            return version(db)

    first, off = RULES
    renamed = Rule(**first.as_json() | {"name": "Clock"})
    other = Rule(**first.as_json() | {"query": "year:2015"})
    assert version_of(first) == version_of(first, off) == version_of(renamed)
    assert len({version_of(first), version_of(other), version_of()}) == 3


def test_a_time_of_which_only_the_day_is_known_is_not_moved() -> None:
    action = action_of("shift-date", {"seconds": 60})
    for source, detail in (("name", f"a date{PARTLY}"), ("arrival", "when it arrived")):
        claim = Claim("captured_at", "2014-05-01T00:00:00", source, 0.4, detail)
        assert action.claim(Unruled([claim]), {}) is None


def test_a_drifting_clock_goes_on_drifting_outside_its_anchors() -> None:
    at = datetime(2014, 6, 1)
    drift = ShiftDate(
        anchors=((at, at), (at + timedelta(days=10), at + timedelta(days=10, seconds=100)))
    )
    assert drift.at(at + timedelta(days=5)) == timedelta(seconds=50)
    assert drift.at(at - timedelta(days=10)) == timedelta(seconds=-100)
    assert drift.at(at + timedelta(days=20)) == timedelta(seconds=200)


def test_anchors_and_moments_in_the_wrong_order_are_refused() -> None:
    late, early = "2014-06-02T00:00", "2014-06-01T00:00"
    for details in (
        {"anchors": [[late, late], [early, early]]},
        {"anchors": [[early, early]]},
        {"seconds": 1, "since": late, "until": early},
        {"seconds": 1, "since": "soon"},
    ):
        with pytest.raises(BadInput):
            action_of("shift-date", details)
