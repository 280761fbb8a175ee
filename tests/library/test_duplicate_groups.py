"""Groups of copies: what belongs together, as assets come, go and are told apart."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.ingest.steps import STEPS
from albums.library.database import Library
from albums.library.duplicate_groups import groups, regroup, weight
from albums.library.duplicate_pairs import NOT, SAME, Pair, keep_pairs, keep_pixels
from albums.library.facts import Claim, add_claims
from tests.rows import insert_asset


@pytest.fixture
def filled(library: Library) -> Library:
    """Six assets, each with a thousand bytes more than the one before."""
    with library.write() as db:
        for step in STEPS:
            step.prepare(db)
        for number in range(1, 7):
            assert insert_asset(db, number) == number
            db.execute("update assets set size = ? where id = ?", (number * 1000, number))
    return library


def pair(library: Library, *pairs: tuple[int, int], likeness: float = 0.9) -> None:
    """As the step finds them, one asset after the other."""
    with library.write() as db:
        for asset_id in sorted({end for ends in pairs for end in ends}):
            others = [set(p) - {asset_id} for p in pairs if asset_id in p]
            found = [Pair(other, 2, likeness) for ends in others for other in ends]
            regroup(db, keep_pairs(db, asset_id, found))


def trash(library: Library, *ids: int, at: str | None = "2026-01-01") -> None:
    with library.write() as db:
        db.executemany("update assets set trashed_at = ? where id = ?", [(at, i) for i in ids])
        regroup(db, ids)


def told(library: Library) -> list[list[int]]:
    with library.read() as db:
        return sorted(sorted(m.id for m in group.members) for group in groups(db, 100)[0])


def every(ids: Iterable[int]) -> list[tuple[int, int]]:
    return list(combinations(ids, 2))


def test_each_of_a_group_is_a_copy_of_every_other(filled: Library) -> None:
    pair(filled, *every([1, 2, 3]), (3, 4), (5, 6))
    assert told(filled) == [[1, 2, 3], [5, 6]]


def test_the_largest_file_is_the_best_of_equals_and_most_bytes_come_first(filled: Library) -> None:
    pair(filled, (1, 2), (5, 6))
    with filled.read() as db:
        found, _ = groups(db, 10)
        assert [[m.id for m in group.members] for group in found] == [[6, 5], [2, 1]]
        assert [group.spare for group in found] == [5000, 1000]
        assert (weight(db).groups, weight(db).spare_assets, weight(db).spare) == (2, 2, 6000)


def test_pages_follow_each_other(filled: Library) -> None:
    pair(filled, (1, 2), (3, 4), (5, 6))
    with filled.read() as db:
        first, after = groups(db, 2)
        assert after is not None
        second, end = groups(db, 2, after)
    assert [g.members[0].id for g in [*first, *second]] == [6, 4, 2]
    assert end is None


def test_what_is_thrown_away_leaves_its_group_and_comes_back(filled: Library) -> None:
    pair(filled, *every([1, 2, 3]))
    trash(filled, 2)
    assert told(filled) == [[1, 3]]
    trash(filled, 3)
    assert told(filled) == []
    trash(filled, 2, 3, at=None)
    assert told(filled) == [[1, 2, 3]]


def test_who_is_left_alone_finds_another_copy(filled: Library) -> None:
    pair(filled, (1, 2), likeness=0.95)
    pair(filled, (1, 2), (2, 3), likeness=0.9)
    assert told(filled) == [[1, 2]]
    trash(filled, 1)
    assert told(filled) == [[2, 3]]


def test_trash_alone_opens_the_work_of_the_step_again(filled: Library) -> None:
    with filled.write() as db:
        db.execute("insert into work (step, asset_id, version, state) values (?, 1, '1', 'done')",
                   ("duplicates",))  # fmt: skip
        db.execute("update assets set trashed_at = '2026-01-01' where id = 1")
        row = db.execute("select state from work where asset_id = 1").fetchone()
    assert row["state"] == "open"


def test_what_a_person_told_apart_is_in_no_group(filled: Library) -> None:
    pair(filled, *every([1, 2, 3]))
    with filled.write() as db:
        rows = db.execute("select id, sha from assets where id in (1, 2)").fetchall()
        shas = {row["id"]: row["sha"] for row in rows}
        add_claims(db, 1, [Claim(NOT, [shas[2]], "person", 1.0)])
        regroup(db, [1, 2])
    assert told(filled) == [[1, 3]]


def test_parts_of_one_shot_are_no_copies(filled: Library) -> None:
    with filled.write() as db:
        db.execute("insert into companions (photo_id, other_id) values (1, 2)")
        db.execute("update assets set top_id = 1 where id = 2")
    pair(filled, (1, 2), likeness=SAME)
    assert told(filled) == []


def test_the_very_same_pictures_are_told_from_the_others(filled: Library) -> None:
    with filled.write() as db:
        keep_pixels(db, [(1, "aa"), (2, "aa"), (3, "bb"), (4, "")])
    pair(filled, *every([1, 2, 3, 4]))
    with filled.read() as db:
        [group] = groups(db, 10, exact=True)[0]
        assert (group.same, group.exact) == (((2, 1),), False)
        assert (weight(db).again, weight(db).again_spare, weight(db).groups_again) == (1, 1000, 1)


def test_whatever_comes_and_goes_no_group_has_strangers_or_misses_a_pair(filled: Library) -> None:
    @given(st.sets(st.sampled_from(every(range(1, 7)))), st.sets(st.integers(1, 6)), st.randoms())
    @settings(max_examples=60)
    def check(pairs: set[tuple[int, int]], gone: set[int], chance: random.Random) -> None:
        order = sorted(pairs)
        chance.shuffle(order)
        pair(filled, *order)
        trash(filled, *gone)
        found = told(filled)
        inside = [i for group in found for i in group]
        assert len(inside) == len(set(inside))
        assert all(p in pairs for group in found for p in every(group))
        assert not set(inside) & gone
        alone = set(range(1, 7)) - set(inside) - gone
        assert not [p for p in pairs if set(p) <= alone]
        trash(filled, *gone, at=None)
        pair(filled, *pairs)
        with filled.write() as db:
            db.execute("delete from duplicate_pairs")
            db.execute("delete from duplicate_groups")

    check()
