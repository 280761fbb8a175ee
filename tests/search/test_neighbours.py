"""Who walks from one asset to the next sees exactly the list that they came from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.errors import NotFound
from albums.search.find import Page
from albums.search.neighbours import Neighbours, neighbours
from albums.search.query import parse

from .conftest import NOW, Shelves
from .test_find import axis

# Few moments, so that many are taken in the same second; some have none.
MOMENTS = st.none() | st.integers(1_700_000_000, 1_700_000_003).map(
    lambda second: datetime.fromtimestamp(second, UTC).isoformat()
)
PHOTOS = st.lists(st.tuples(MOMENTS, st.booleans(), st.booleans()), max_size=14)
LISTS = (
    "", "sort:oldest", "is:favourite", "-is:favourite sort:oldest", "dog", "dog sort:oldest",
    "sort:random-7", "is:favourite sort:random-8", "collection:Walk sort:hand", "collection:Walk",
)  # fmt: skip


def beside(shelves: Shelves, text: str, sha: str, *, by_meaning: bool = False) -> Neighbours:
    meaning = shelves.meaning() if by_meaning else None
    return neighbours(shelves.library, parse(text, NOW), sha, meaning)


def shas(shelves: Shelves, text: str) -> list[str]:
    return [row["sha"] for row in shelves.find(text, Page(100)).assets]


def walk(shelves: Shelves, text: str, first: str, *, back: bool = False) -> list[str]:
    """From one to the next until there is none."""
    seen: list[str] = []
    sha: str | None = first
    while sha and len(seen) < 100:
        seen.append(sha)
        found = beside(shelves, text, sha)
        sha = found.previous if back else found.next
    return seen


def gather(shelves: Shelves) -> None:
    """Every other asset in a collection, the last first."""
    shelves.run("delete from collections")
    shelves.run("insert into collections (id, name, created_at) values (1, 'Walk', '2026-01-01')")
    shelves.run(
        "insert into collection_assets select 1, id, -id from assets where id % 2 = 1 and id > 1"
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PHOTOS, st.sampled_from(LISTS))
def test_walking_next_visits_exactly_what_find_gives(
    shelves: Shelves, photos: list[tuple[str | None, bool, bool]], text: str
) -> None:
    shelves.run("delete from assets")
    shelves.run("delete from words")
    for moment, favourite, hidden in photos:
        shelves.add(
            "a dog" if favourite else "a dog with a dog", at=moment, favourite=favourite,
            hidden=hidden,
        )  # fmt: skip
    gather(shelves)
    listed = shas(shelves, text)
    assert len(listed) <= len(photos)
    if listed:
        assert walk(shelves, text, listed[0]) == listed
        assert walk(shelves, text, listed[-1], back=True) == listed[::-1]


def test_one_that_is_not_in_the_list_stands_where_it_would_be(shelves: Shelves) -> None:
    for day in (1, 2, 3):
        shelves.add(at=f"2024-01-0{day}T00:00:00+00:00", hidden=day == 2)
    oldest, hidden, newest = [sha_of(shelves, number) for number in (1, 2, 3)]
    assert beside(shelves, "", hidden) == Neighbours(newest, oldest)
    assert beside(shelves, "sort:oldest", hidden) == Neighbours(oldest, newest)


def sha_of(shelves: Shelves, asset_id: int) -> str:
    with shelves.library.read() as db:
        row = db.execute("select sha from assets where id = ?", (asset_id,)).fetchone()
    return str(row["sha"])


def test_what_lies_under_another_in_a_stack_has_the_neighbours_of_that(shelves: Shelves) -> None:
    for number in range(4):
        shelves.add(f"dog {'dog ' * number}", at=f"2024-01-0{number + 1}T00:00:00+00:00")
    shelves.run("update assets set top_id = 3 where id = 2")
    under, top = sha_of(shelves, 2), sha_of(shelves, 3)
    assert len(shas(shelves, "dog")) == 3
    assert beside(shelves, "dog", under).next == beside(shelves, "dog", top).next
    assert beside(shelves, "dog", under).why is not None


def test_in_a_search_it_says_why_as_find_does(shelves: Shelves) -> None:
    for number in range(40):
        shelves.add("a street", vector=axis(number % 8, noise=number))
    shelves.add("a dog on a beach", vector=axis(12, noise=1))
    shelves.add(vector=axis(12, noise=2))
    shelves.sentences["dog beach"] = axis(12)
    first, second = shelves.find("dog beach", by_meaning=True).assets
    assert beside(shelves, "dog beach", first["sha"], by_meaning=True) == Neighbours(
        None, second["sha"], first["why"]
    )


def test_after_the_last_good_match_comes_the_weak_tail_and_others_stand_alone(
    shelves: Shelves,
) -> None:
    for number in range(40):
        shelves.add("a street", vector=axis(number % 8, noise=number))
    shelves.add("a dog", vector=axis(12, noise=1))
    shelves.add("no vector, other words")
    shelves.sentences["dog"] = axis(12)
    [good] = shelves.find("dog", by_meaning=True).assets
    weak = shelves.find("dog", Page(weak=True), by_meaning=True).assets
    assert beside(shelves, "dog", weak[5]["sha"], by_meaning=True).previous == weak[4]["sha"]
    assert beside(shelves, "dog", good["sha"], by_meaning=True).next is None
    stranger = sha_of(shelves, 42)
    assert beside(shelves, "dog", stranger, by_meaning=True) == Neighbours(None, None)


def test_an_unknown_asset_is_said_to_be_unknown(shelves: Shelves) -> None:
    with pytest.raises(NotFound):
        beside(shelves, "", "0" * 64)
