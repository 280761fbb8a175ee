"""Libraries whose truth is known: in Apple's own layout every photo finds its row; whatever was
lost or thrown together since, none is given another's."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from albums.sources.apple import Apple
from albums.sources.importing.kind import Said, Thing
from tests.sources.apple.test_tables import HEADING
from tests.sources.things import medium, paper

Layout = Literal["as Apple has it", "tables are missing", "all in one folder"]


def written(moment: datetime) -> str:
    half = "PM" if moment.hour >= 12 else "AM"
    return (
        f"{moment:%A %B} {moment.day},{moment:%Y} {moment.hour % 12 or 12}:{moment:%M} {half} GMT"
    )


class Made:
    """Photos in parts; many share a name, some were lost, some cameras were wrong."""

    def __init__(self, seed: int, layout: Layout) -> None:
        self.chance = random.Random(seed)
        self.layout = layout
        self.things: list[Thing] = []
        self.truth: dict[int, str] = {}  # number of the file -> checksum in its row
        self.paths: set[tuple[int, str]] = set()
        rows: dict[int, list[str]] = {
            part: [] for part in range(1, self.chance.choice([1, 2, 4]) + 1)
        }
        count = self.chance.choice([5, 20, 60])
        names = max(2, count // self.chance.choice([1, 2, 6]))
        for number in range(count):
            part = self.chance.randint(1, len(rows))
            self.add(f"IMG_{self.chance.randrange(names):04}.JPG", part, f"sum{number}", rows[part])
        for part, lines in rows.items():
            if layout != "tables are missing" or self.chance.random() > 0.3:
                self.table(part, lines)

    def add(self, name: str, part: int, checksum: str, rows: list[str]) -> None:
        merged = self.layout == "all in one folder"
        path, part = ("all/" if merged else "Photos/") + name, 1 if merged else part
        copies = 1
        while (part, path) in self.paths:
            if not merged:
                return  # one folder holds one of a name
            copies += 1
            path = f"all/{name.removesuffix('.JPG')} {copies}.JPG"
        self.paths.add((part, path))
        apart = self.chance.choice([600, 60 * 24 * 400])  # minutes
        taken = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=self.chance.randrange(apart))
        rows.append(f'{name},{checksum},no,no,no,"{written(taken)}",0,')
        if self.chance.random() > 0.03:
            thing = medium(path, part=part, captured=self.captured(taken))
            self.things.append(thing)
            self.truth[thing.id] = checksum

    def captured(self, taken: datetime) -> str | None:
        taken += timedelta(seconds=self.chance.randrange(60))
        kind = self.chance.random()
        if kind < 0.3:
            return None
        if kind < 0.4:
            return taken.isoformat()
        if kind < 0.45:
            taken += timedelta(days=self.chance.randrange(-300, 300))
        zone = timedelta(hours=self.chance.choice([0, 1, 2, -5, 9, 5.5]))
        return (taken + zone).replace(tzinfo=None).isoformat()

    def table(self, part: int, rows: list[str]) -> None:
        merged = self.layout == "all in one folder"
        folder = "all" if merged else "Photos"
        text = "\n".join([HEADING, *rows])
        self.things.append(
            paper(f"{folder}/Photo Details-{part}.csv", text, part=1 if merged else part)
        )


def checksum(said: Said) -> str:
    detail = next(claim.detail for claim in said.claims if claim.field == "instant")
    return detail.split(",")[1]


@pytest.mark.parametrize("seed", range(30))
def test_in_apples_layout_every_photo_finds_its_row(seed: int) -> None:
    made = Made(seed, "as Apple has it")
    found = Apple().understand(made.things)
    assert {number: checksum(found.said[number]) for number in made.truth} == made.truth


@pytest.mark.parametrize(
    ("layout", "share"), [("tables are missing", 0.5), ("all in one folder", 0.4)]
)
def test_no_photo_is_given_the_row_of_another(layout: Layout, share: float) -> None:
    photos = found = 0
    for seed in range(40):
        made = Made(seed, layout)
        said = Apple().understand(made.things).said.items()
        owned = {n: checksum(one) for n, one in said if one.pairing == "owned"}
        assert owned.items() <= made.truth.items(), seed
        photos, found = photos + len(made.truth), found + len(owned)
    assert found > share * photos
