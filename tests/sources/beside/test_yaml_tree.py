"""YAML from strangers."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.beside.yaml_tree import DEEPEST, read


def test_mappings_lists_and_texts() -> None:
    found = read(b"a: 1\nb:\n  - x\n  - y: yes\nc: |-\n  two\n  lines\nd:\ne: {f: [2016-01-01]}\n")
    assert found == {
        "a": "1",
        "b": ["x", {"y": "yes"}],
        "c": "two\nlines",
        "d": "",
        "e": {"f": ["2016-01-01"]},
    }


def test_nothing_is_constructed_and_aliases_are_left_out() -> None:
    assert read(b"a: !!python/object/apply:os.getcwd []\nb: &x [1]\nc: *x\n? [q]\n: w\n") == {
        "a": [],
        "b": ["1"],
        "c": None,
    }


def test_of_several_documents_the_first_is_read() -> None:
    assert read(b"---\na: 1\n---\nb: 2\n") == {"a": "1"}
    assert read(b"") is None


@pytest.mark.parametrize(
    "raw",
    [b"[" * 1_000_000, b"- " * 1_000_000, b"{a: " * 100_000, b"? " * 100_000, b"\0", b"a: 'b",
     b"&a [*a", b"a: b: c", b"\xff\xff\xff"],
)  # fmt: skip
def test_what_is_broken_or_too_deep_is_refused_at_once(raw: bytes) -> None:
    with pytest.raises(ValueError, match="It is"):
        read(raw)


def test_depth_has_a_limit() -> None:
    assert read(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(ValueError, match="too deeply"):
        read(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


@given(st.binary(max_size=80) | st.text(alphabet="a:-[]{}&*!|>'\"?\n #%", max_size=80))
def test_any_bytes_are_read_or_refused(raw: bytes | str) -> None:
    with suppress(ValueError):
        found = read(raw if isinstance(raw, bytes) else raw.encode())
        assert found is None or isinstance(found, str | list | dict)
