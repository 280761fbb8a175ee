from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media.film_file import Granted

CONTENT = bytes(range(256)) * 4


@given(
    head=st.integers(0, 300),
    place=st.integers(0, 1024),
    acts=st.lists(
        st.tuples(st.sampled_from([0, 1, 2]), st.integers(-300, 1100), st.integers(0, 400))
    ),
)
def test_a_film_that_begins_later_reads_like_one_without_what_is_left_out(
    head: int, place: int, acts: list[tuple[int, int, int]]
) -> None:
    granted = Granted(io.BytesIO(CONTENT), head, place)
    granted.grant(1, 60)
    plain = CONTENT[:head] + CONTENT[max(head, place) :]
    at = 0
    for whence, offset, size in acts:
        at = max(0, offset + (0, at, len(plain))[whence])
        assert granted.seek(offset, whence) == granted.tell() == at
        content = b""
        while len(content) < size and (part := granted.read(size - len(content))):
            content += part
        assert content == plain[at : at + size]
        at += len(content)


def test_a_file_ends_where_its_grant_does() -> None:
    granted = Granted(io.BytesIO(bytes(4 << 20)))
    granted.grant(1, 60)
    read = 0
    while part := granted.read(1 << 18):
        read += len(part)
    assert read == 1 << 20
    assert granted.refused
    granted.grant(1, 60)
    assert granted.read(10) == bytes(10)
    assert not granted.refused


@pytest.mark.parametrize("grant", [(0, 60), (1, -1)])
def test_without_megabytes_or_seconds_nothing_is_read(grant: tuple[float, float]) -> None:
    granted = Granted(io.BytesIO(CONTENT))
    granted.grant(*grant)
    assert granted.read(10) == b""
    assert granted.refused
