"""The step rules: what comes in when rules are there is treated as what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from albums.assembly import open_albums
from albums.ingest.step import Skipped, Tools
from albums.ingest.steps.rules import RulesStep
from albums.library.facts import Claim
from albums.settings import Settings
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.curate.ruling import LISBON, Ruled, rule
from tests.ingest.steps.conftest import Do, Keep


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[Ruled]:
    settings = Settings(library=tmp_path / "ruled", workers=1, time_zone="UTC")
    albums = open_albums(settings)
    yield Ruled(albums)
    albums.close()


def test_what_comes_after_a_rule_was_made_follows_it(ruled: Ruled) -> None:
    ruled.add(rule("private", "camera:spy"))
    ruled.add(rule("block-place", "place:lisbon"))
    ruled.add(rule("delete", "year:1999"))
    spy = ruled.take_in(1, camera="Spy", place=LISBON)
    old = ruled.take_in(2, "1999-12-31T23:59:59")
    ruled.work()
    assert (ruled.row(spy)["hidden"], ruled.city(spy)) == (1, None)
    assert ruled.row(old)["here"] == 0


def test_a_claim_that_comes_later_is_ruled_too(ruled: Ruled) -> None:
    ruled.add(rule("shift-date", "source:takeout", seconds=3600))
    said = (Claim("captured_at", "2014-05-01T12:00:00", "takeout", 0.8),)
    sha = ruled.albums.receiver.receive(
        arrival_of(b"by Takeout", "odd.bin", source="takeout", claims=said)
    ).sha
    ruled.work()
    assert ruled.row(sha)["captured_at"] == "2014-05-01T13:00:00"


def test_a_library_that_is_opened_again_has_nothing_to_do(ruled: Ruled, tmp_path: Path) -> None:
    ruled.take_in(1, camera="Spy")
    ruled.add(rule("private", "camera:spy"))
    before = ruled.everything()
    settings = ruled.albums.settings
    ruled.albums.close()
    albums = open_albums(settings)
    try:
        again = Ruled(albums)
        assert again.work() == 0
        assert again.everything() == before
    finally:
        albums.close()


def test_without_rules_the_step_leaves_everything(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    assert isinstance(do(RulesStep(), keep(make_photo(1)))[0], Skipped)
