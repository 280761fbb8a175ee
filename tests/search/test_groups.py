"""The timeline's buckets."""

from __future__ import annotations

import json
import time
from statistics import median

import pytest

from albums.errors import BadInput
from albums.search.groups import bucket, counts, days
from albums.search.query import parse

from .conftest import NOW, Shelves


def test_counts_come_first_newest_first_and_undated_last(shelves: Shelves) -> None:
    for at in ("2024-05-12T10:00:00", "2024-05-13T10:00:00", "2023-01-01T00:00:00", None):
        shelves.add(at=at, tags=["dog"] if at is None else [])
    shelves.add(at="2024-05-12T10:00:00", hidden=1)
    shelves.add(at="2024-05-12T10:00:00", trashed_at="2026-01-01")
    assert counts(shelves.library) == [
        {"key": "2024-05", "count": 2},
        {"key": "2023-01", "count": 1},
        {"key": "undated", "count": 1},
    ]
    assert counts(shelves.library, by="day")[0] == {"key": "2024-05-13", "count": 1}
    assert counts(shelves.library, parse("tag:dog", NOW)) == [{"key": "undated", "count": 1}]


def test_a_bucket_is_columns_in_the_order_of_the_timeline(shelves: Shelves) -> None:
    shelves.add(at="2024-05-12T10:00:00+02:00", duration=3.5, kind="video")
    shelves.add(at="2024-05-31T23:00:00-07:00", place=("Porto", "Porto", "Portugal", "PT"))
    shelves.add(at="2024-06-01T00:00:00+00:00")
    month = bucket(shelves.library, "2024-05")
    assert month["local"] == ["2024-05-31T23:00:00-07:00", "2024-05-12T10:00:00+02:00"]
    assert month["place"] == ["Porto, Portugal", None]
    assert month["duration"] == [None, 3.5]
    assert month["aspect"] == [1.3333, 1.3333]
    assert month["next"] is None
    assert bucket(shelves.library, "2024-05-12")["kind"] == ["video"]
    assert bucket(shelves.library, "2024-07")["sha"] == []


def test_some_days_are_one_bucket(shelves: Shelves) -> None:
    for at in ("2024-05-12", "2024-05-14", "2024-05-13", "2024-06-02", "2024-06-03"):
        shelves.add(at=f"{at}T10:00:00+00:00")
    shelves.add(at=None)
    span = bucket(shelves.library, "2024-05-13..2024-06-02")
    assert [at[:10] for at in span["local"]] == ["2024-06-02", "2024-05-14", "2024-05-13"]
    assert bucket(shelves.library, "undated")["local"] == [None]


def test_all_days_are_counted_in_few_bytes(shelves: Shelves) -> None:
    for at in ("2024-05-12T10:00:00", "2024-05-12T11:00:00", "2024-05-31T10:00:00", None):
        shelves.add(at=at)
    assert days(shelves.library) == {
        "total": 4,
        "undated": 1,
        "months": [{"key": "2024-05", "days": [31, 12], "counts": [1, 2]}],
    }


def test_a_bucket_says_what_moves_and_what_was_said_and_names_what_has_no_picture(
    shelves: Shelves,
) -> None:
    still = shelves.add("A red boat by the sea.")
    moves = shelves.add()
    shelves.run("insert into pictures values (?, x'00', 1.5, 1, 0)", still)
    shelves.run("insert into moving_parts values (?, 9, 9, 9, 'video/mp4', 1, 0, 'motion')", moves)
    both = bucket(shelves.library, "2024-05-12")
    assert both["moving"] == [1, 0]
    assert both["title"] == [None, "A red boat by the sea."]
    assert both["name"] == ["2.jpg", None]


@pytest.mark.parametrize("key", ["", "x", "2024-13", "2024-02-30", "2024-05..x", "..2024"])
def test_a_bucket_that_cannot_be_is_refused(shelves: Shelves, key: str) -> None:
    with pytest.raises(BadInput):
        bucket(shelves.library, key)


def test_a_day_with_70000_photos_comes_whole_in_quick_pieces(shelves: Shelves) -> None:
    total = 70_000
    with shelves.library.write(durable=False) as db:
        db.execute(
            """insert into assets (sha, name, folder, extension, mime, kind, size, source, origin,
                   received_at, captured_at, captured_utc, day, width, height)
               with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
               select printf('%064x', i), i || '.jpg', '', '.jpg', 'image/jpeg', 'photo', 1, 'test',
                   '', '2026-01-01', '2024-05-12T10:00:00', 1715508000 + i / 3, '2024-05-12', 4, 3
               from n""",
            (total,),
        )
    assert counts(shelves.library, by="day") == [{"key": "2024-05-12", "count": total}]
    seen: list[str] = []
    took, offset = list[float](), 0
    while offset is not None:
        started = time.perf_counter()
        piece = bucket(shelves.library, "2024-05-12", offset=offset)
        json.dumps(piece)
        took.append(time.perf_counter() - started)
        seen += piece["sha"]
        offset = piece["next"]
    assert seen == [f"{number:064x}" for number in range(total, 0, -1)]
    assert median(took) < 1.0, "a piece takes about 50 ms on a quiet machine"
