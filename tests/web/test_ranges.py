"""Range headers, friendly and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.web.ranges import parse_range


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        (None, None),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-", [(0, 10)]),
        ("bytes=3-99", [(3, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-99", [(0, 10)]),
        ("BYTES = 1-2 , 4-5", [(1, 3), (4, 6)]),
        ("bytes=5-6,0-1", [(5, 7), (0, 2)]),
        ("bytes=0-1,10-", [(0, 2)]),
        ("bytes=10-", []),
        ("bytes=-0", []),
        ("bytes=5-2", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("bytes=" + ",".join(["0-0"] * 1000), None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=١-٢", None),
    ],
)
def test_a_header_asks_for_these_bytes_of_ten(
    header: str | None, ranges: list[tuple[int, int]] | None
) -> None:
    assert parse_range(header, 10) == ranges


@given(st.text(max_size=60), st.integers(0, 1000))
def test_no_header_asks_for_bytes_that_are_not_there(text: str, size: int) -> None:
    for start, end in parse_range(f"bytes={text}", size) or []:
        assert 0 <= start < end <= size
