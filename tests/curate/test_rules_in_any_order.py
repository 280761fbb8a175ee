"""Whatever rules there are: asked twice they change nothing more, and gone they leave nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.assembly import open_albums
from albums.curate import rules as curate
from albums.library.rules import Rule, all_rules
from albums.settings import Settings
from tests.curate.ruling import LISBON, PORTO, TOKYO, Ruled, rule

CONDITIONS = (
    "year:2014", "date:2014-05", "-year:2014", "before:2015", "camera:A", "place:lisbon",
    "country:portugal", "-place:porto", "has:gps", "is:hidden", '"file"', "near:35.6,139.6,50km",
)  # fmt: skip
ACTIONS = (
    rule("private"),
    rule("block-place"),
    rule("shift-date", seconds=86_400 * 40),
    rule("shift-date", seconds=-86_400 * 400, since="2014-01-01"),
    rule("distrust-date", whose=["tags"]),
    rule("distrust-date", whose=["tags", "name"]),
    rule("correct-place", country="PT", only=["Lisbon"]),
    rule("correct-place", country="PT", only=["Porto"], to=list(TOKYO)),
)
RULES = st.builds(
    lambda condition, action: Rule("", "", condition, action.action, action.details, True, ""),
    st.sampled_from(CONDITIONS),
    st.sampled_from(ACTIONS),
)


@pytest.fixture(scope="module")
def ruled() -> Iterator[Ruled]:
    with tempfile.TemporaryDirectory() as folder:
        whole = Settings(library=Path(folder) / "library", workers=1, time_zone="UTC")
        with closing(open_albums(whole)) as albums:
            library = Ruled(albums)
            times = ("2014-05-31T23:00:00", "2014-12-31T12:00:00+09:00", "2016-01-01T00:00:00", "")
            for number, place in enumerate((LISBON, PORTO, TOKYO, None) * 2):
                at = times[(number * 3 + number // 4) % 4]
                camera = "A" if number % 3 else ""
                name = "2013-01-02T03:04:05" if number % 2 else ""
                library.take_in(number, at, place, camera, **({"name": name} if name else {}))
            library.work()
            yield library


@given(rules=st.lists(RULES, min_size=1, max_size=4))
@settings(max_examples=12)
def test_rules_say_the_same_when_asked_again_and_leave_nothing_behind(
    ruled: Ruled, rules: list[Rule]
) -> None:
    before = ruled.everything()
    for one in rules:
        ruled.add(one)
    after = ruled.everything()
    curate.run(ruled.rooms, ruled.knowing)
    ruled.work()
    assert ruled.everything() == after
    with ruled.albums.library.read() as db:
        made = all_rules(db)
    for one in made:
        curate.remove(ruled.rooms, ruled.knowing, one.id)
        ruled.work()
    assert ruled.everything() == before
