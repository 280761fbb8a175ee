"""What lies together follows from the assets, not from the order in which they came."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.fingerprint import FingerprintStep, keep_fingerprint
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.stack import StackStep
from albums.library.bonds import ALONE
from albums.library.companions import Taken, keep_taken
from albums.library.facts import Claim, add_claims
from albums.library.migrations import apply_migrations
from albums.library.shots import LONGEST, MOST, STEP, Shot, keep_shot
from albums.library.stacks import restack, stack_of, take_out
from tests.rows import insert_asset

FAR = 0x0F0F_0F0F_0F0F_0F0F  # 32 bits from 0
ALIKE = 0b111


@dataclass(frozen=True)
class File:
    """One that comes in: a still, or what belongs to the still (or film) of that number."""

    kind: str = "photo"  # photo, raw, film, edit
    of: int | None = None
    at: int | None = None  # milliseconds
    camera: str = "canon"
    phash: int | None = 0
    burst_id: str | None = None
    word: str | None = None
    favourite: int = 0


@cache
def empty() -> bytes:
    with sqlite3.connect(":memory:") as db:
        db.row_factory = sqlite3.Row
        apply_migrations(db, Path("nowhere"))
        for step in (CompanionsStep(), FingerprintStep(), PicturesStep(), StackStep()):
            step.prepare(db)
        db.commit()
        return db.serialize()


class World:
    """A database into which files come, one after the other."""

    def __init__(self, files: Sequence[File]) -> None:
        self.files = files
        self.ids: dict[int, int] = {}
        self.db = sqlite3.connect(":memory:")
        self.db.row_factory = sqlite3.Row
        self.db.deserialize(empty())
        self.db.execute("pragma foreign_keys = on")

    def come(self, numbers: Iterable[int], *, quietly: bool = False) -> World:
        """`quietly`: nothing is stacked yet."""
        self.quietly = quietly
        for number in numbers:
            self._come(number, self.files[number])
        return self

    def _come(self, number: int, file: File) -> None:
        asset_id = self.ids[number] = insert_asset(self.db, number)
        self.db.execute("update assets set favourite = ? where id = ?", (file.favourite, asset_id))
        if file.word:
            add_claims(self.db, asset_id, [Claim("stack", file.word, "person", 1.0)])
        part: Any = "photo" if file.kind == "edit" else file.kind
        keep_taken(self.db, Taken(asset_id, part, None, None, False, frozenset()))
        self._tie(number, file)
        self._look(number, file)
        if file.phash is not None and file.kind != "film":
            keep_fingerprint(self.db, asset_id, file.phash)
            self._look(number, file)

    def _look(self, number: int, file: File) -> None:
        """As the step `stack` does, which comes once before there is a fingerprint."""
        asset_id, changed = self.ids[number], set[int]()
        if file.kind != "film":
            camera = file.camera + ("|raw" if file.kind == "raw" else "")
            at = None if file.kind == "edit" else file.at
            changed = keep_shot(
                self.db, Shot(asset_id, camera, at, file.burst_id, False, float(number))
            )
        if not self.quietly:
            restack(self.db, {asset_id} | changed)

    def _tie(self, number: int, file: File) -> None:
        """As the step `companions` does, and as an export says what is an edited copy."""
        if file.kind == "edit" and file.of is not None:
            original = sha256(str(file.of).encode()).hexdigest()
            add_claims(self.db, self.ids[number], [Claim("variant_of", original, "takeout")])
        for one, other in [(number, file.of), *((n, f.of) for n, f in enumerate(self.files))]:
            parts = self.files[one].kind in ("film", "raw")
            if parts and other in self.ids and one in self.ids:
                pair = (self.ids[other], self.ids[one])
                self.db.execute("insert or ignore into companions values (?, ?)", pair)

    def sha(self, number: int) -> str:
        row = self.db.execute("select sha from assets where id = ?", (self.ids[number],))
        return str(row.fetchone()["sha"])

    def stacks(self) -> dict[int, int]:
        """File -> file under which it lies."""
        number = {asset_id: n for n, asset_id in self.ids.items()}
        rows = self.db.execute("select id, top_id from assets where top_id is not null")
        return {number[row["id"]]: number[row["top_id"]] for row in rows}

    def role(self, number: int) -> Any:
        found = stack_of(self.db, self.ids[number])
        assert found
        return next(m["role"] for m in found["members"] if m["sha"] == self.sha(number))


def stacks(*files: File) -> dict[int, int]:
    return World(files).come(range(len(files))).stacks()


def burst(count: int, step: int = 200, **fields: Any) -> list[File]:
    return [File(at=n * step, **fields) for n in range(count)]


stills = st.builds(
    File,
    at=st.integers(0, 60).map(lambda n: n * STEP // 2),
    camera=st.sampled_from(["canon", "nikon"]),
    phash=st.sampled_from([0, ALIKE, FAR, None]),
    burst_id=st.sampled_from([None, None, None, "A"]),
    word=st.sampled_from([None, None, None, ALONE, "told"]),
    favourite=st.integers(0, 1),
)


@st.composite
def worlds(draw: st.DrawFn) -> list[File]:
    """Stills, and films, raw files and edits of any file before them."""
    files = draw(st.lists(stills, min_size=1, max_size=8))
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["film", "raw", "edit"]))
        of = draw(st.integers(0, len(files) - 1))
        word = draw(st.sampled_from([None, None, ALONE]))
        if kind == "edit" or files[of].kind in ("photo", "edit"):
            files.append(File(kind, of, files[of].at, files[of].camera, word=word))
    return files


@settings(max_examples=50)
@given(worlds(), st.data())
def test_whatever_the_order_the_same_stacks_come_out(
    files: list[File], data: st.DataObject
) -> None:
    numbers = range(len(files))
    first = World(files).come(numbers)
    order = data.draw(st.permutations(numbers))
    assert World(files).come(order).stacks() == first.stacks()
    restack(first.db, first.ids.values())
    assert first.stacks() == World(files).come(order).stacks()


@settings(max_examples=50)
@given(worlds(), st.data())
def test_what_is_gone_leaves_the_stacks_of_what_is_left(
    files: list[File], data: st.DataObject
) -> None:
    numbers = range(len(files))
    gone = data.draw(st.sets(st.sampled_from(numbers)))
    kept = [n for n in numbers if n not in gone]
    world = World(files).come(numbers)
    take_out(world.db, [world.ids[n] for n in gone])
    assert world.stacks() == World(files).come(kept).stacks()


@settings(max_examples=50)
@given(worlds())
def test_every_asset_is_shown_or_lies_under_one_that_is(files: list[File]) -> None:
    found = World(files).come(range(len(files))).stacks()
    assert all(top not in found and top != under for under, top in found.items())


@settings(max_examples=12)
@given(st.sets(st.integers(0, 84), max_size=4), st.integers(40, 85), st.data())
def test_a_long_row_is_cut_alike_in_any_order(
    holes: set[int], length: int, data: st.DataObject
) -> None:
    times = [second for second in range(length) if second not in holes]
    files = [File(at=second * 1000) for second in times]
    order = data.draw(st.permutations(range(len(files))))
    whole = World(files).come(order).stacks()
    assert whole == World(files).come(range(len(files))).stacks()
    gone = data.draw(st.sets(st.sampled_from(range(len(files))), max_size=5))
    world = World(files).come(order)
    take_out(world.db, [world.ids[n] for n in gone])
    assert world.stacks() == World(files).come(n for n in order if n not in gone).stacks()
    for under, top in whole.items():
        assert abs(times[under] - times[top]) * 1000 <= LONGEST


def test_a_burst_lies_under_its_best() -> None:
    assert stacks(*burst(3)) == {0: 2, 1: 2}  # the sharpest


def test_what_does_not_look_alike_is_no_burst() -> None:
    assert stacks(File(at=0), File(at=100, phash=FAR)) == {}


def test_what_is_seconds_apart_is_no_burst() -> None:
    assert stacks(File(at=0), File(at=STEP + 1)) == {}


def test_two_cameras_make_no_burst() -> None:
    assert stacks(File(at=0), File(at=0, camera="nikon")) == {}
    assert stacks(File(at=0, burst_id="A"), File(at=0, burst_id="A", camera="nikon")) == {}


def test_a_camera_that_is_not_known_makes_no_burst_by_time() -> None:
    assert stacks(File(at=0, camera=""), File(at=0, camera="")) == {}


def test_what_the_camera_calls_a_burst_is_one_whatever_it_looks_like() -> None:
    assert stacks(File(at=0, burst_id="A"), File(at=9000, phash=FAR, burst_id="A")) == {0: 1}
    assert stacks(File(at=0, burst_id="A"), File(at=0, burst_id="B")) == {}


def test_a_time_lapse_is_no_one_stack() -> None:
    found = stacks(*burst(100, step=1000))
    tops = set(found.values())
    assert 4 <= len(tops) <= 5
    assert all(sum(top == other for other in found.values()) <= 30 for top in tops)


@pytest.mark.parametrize("fields", [{"burst_id": "A"}, {}])
def test_a_heap_is_no_burst_in_whatever_order_it_grew(fields: dict[str, Any]) -> None:
    world = World(burst(MOST + 1, step=100, **fields))
    few = range(5)
    world.come(few).come(set(range(MOST)) - set(few), quietly=True)
    restack(world.db, world.ids.values())
    assert len(world.stacks()) == MOST - 1
    assert world.come([MOST]).stacks() == {}
    take_out(world.db, [world.ids[0]])
    assert len(world.stacks()) == MOST - 1


def test_a_live_photo_a_raw_file_and_an_edited_copy_are_one() -> None:
    files = [File(at=0), File("film", 0), File("raw", 0, 0), File("edit", 0)]
    world = World(files).come([1, 3, 2, 0])
    assert world.stacks() == {0: 3, 1: 3, 2: 3}
    roles = [world.role(number) for number in range(4)]
    assert roles == ["original", "moving part", "raw file", "edited version"]


def test_a_favourite_comes_before_all_else() -> None:
    assert stacks(File(at=0, favourite=1), File("edit", 0), File(at=100)) == {1: 0, 2: 0}


def test_two_edits_stay_together_where_their_original_was_taken_out() -> None:
    assert stacks(File(at=0, word=ALONE), File("edit", 0), File("edit", 0)) in ({1: 2}, {2: 1})


def test_a_photo_that_was_taken_out_takes_its_film_and_raw_file_with_it() -> None:
    files = [*burst(3), File("film", 0), File("raw", 0, 0)]
    files[0] = File(at=0, word=ALONE)
    assert stacks(*files) == {1: 2, 3: 0, 4: 0}


def test_a_film_that_was_taken_out_stays_out() -> None:
    assert stacks(File(at=0), File("film", 0, word=ALONE)) == {}


def test_what_a_person_put_together_stays_and_takes_what_belongs_to_it() -> None:
    files = [File(at=0, word="x"), File(at=10**6, phash=FAR, word="x"), File("film", 1)]
    world = World(files).come([2, 1, 0])
    assert world.stacks() == {0: 1, 2: 1}
    assert world.role(0) == "joined"
