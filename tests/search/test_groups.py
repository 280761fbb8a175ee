"""The timeline's buckets."""

from __future__ import annotations

import json
import time
from statistics import median

import pytest

from albums.errors import BadInput
from albums.search.groups import bucket, counts
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


@pytest.mark.parametrize("key", ["", "x", "2024-13", "2024-02-30"])
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
