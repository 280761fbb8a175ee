from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media import frames

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    plain | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_packed_comes_out_again(value: object) -> None:
    assert frames.unpack(frames.pack(value)) == value


@given(st.binary(max_size=200))
def test_hostile_bytes_are_a_value_or_a_clear_no(content: bytes) -> None:
    try:
        frames.unpack(content)
    except ValueError:
        return


@given(values, st.data())
def test_a_changed_frame_is_a_value_or_a_clear_no(value: object, data: st.DataObject) -> None:
    content = bytearray(frames.pack(value))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        frames.unpack(bytes(content))
    except ValueError:
        return


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="broken"):
        frames.unpack(b"l\1\0\0\0" * 100_000 + b"N")


def test_what_is_not_plain_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        frames.pack([object()])
