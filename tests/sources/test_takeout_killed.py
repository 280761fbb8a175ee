"""An import of a Takeout that is killed again and again ends as if nothing had happened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.sources.takeout.exports.archives import Archive, make_export
from tests.sources.takeout.exports.score import score
from tests.sources.takeout.killed import finish, kill_often, last_receipt, unsealed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("kind", "kills"), [("zip", 3), ("tgz", 2)])
def test_killed_at_any_moment_its_receipt_is_that_of_an_undisturbed_import(
    tmp_path: Path, kind: Archive, kills: int
) -> None:
    export = make_export(tmp_path / "parts", 350, 3, parts=3, kind=kind, sizes=(1500, 9000))
    seconds = finish(export.archives, tmp_path / "calm")
    assert score(export, last_receipt(tmp_path / "calm")).faults == []
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    kill_often(export.archives, tmp_path / "killed", kills, seconds, chance)
    assert unsealed(tmp_path / "killed") == unsealed(tmp_path / "calm"), seed
    left = list((tmp_path / "killed" / "incoming").iterdir())
    assert left == [], seed
