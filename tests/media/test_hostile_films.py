"""Films of every kind, damaged at random: each gives pictures or a reason, soon, and no crash that
the sandbox does not survive."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from albums.errors import Undecodable
from albums.media import exif, picture
from albums.media.sandbox import Sandbox
from tests.media.films import seeds
from tests.torture.mutations import mutated

FILES = 2_080
SLOWEST = 20.0  # seconds for one of these small films, on a busy machine


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_damaged_films_give_pictures_or_a_reason(tmp_path: Path) -> None:
    good = seeds()
    outcomes: Counter[str] = Counter()
    rng = Random(6)
    with Sandbox(workers=1) as sandbox:
        for number in range(FILES):
            name, content = mutated(rng, good, [*good][number % len(good)])
            path = tmp_path / name
            path.write_bytes(content)
            begun = time.monotonic()
            outcomes[_outcome(sandbox, path)] += 1
            assert time.monotonic() - begun < SLOWEST, f"file {number}, {name}"
    assert not outcomes.keys() & {"timeout", "memory", "says nothing"}
    assert outcomes["pictures"] > FILES / 4


def _outcome(sandbox: Sandbox, path: Path) -> str:
    try:
        tags = sandbox.call(exif.read, path, path.name)
        assert isinstance(tags["warnings"], list)
        rendered = sandbox.call(picture.render, path)
    except Undecodable as undecodable:
        said = undecodable.why or undecodable.what == "The file is empty"
        return str(undecodable.facts["reason"]) if said else "says nothing"
    assert set(rendered.pictures) == set(picture.SIZES)
    return "pictures"
