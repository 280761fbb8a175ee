"""Files of lines: what is whole counts, half a line at the end does not, and the end is enough."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.library.lines import append_lines, last_line, whole_lines


@given(
    lines=st.lists(st.binary(min_size=1, max_size=200).map(lambda line: line.replace(b"\n", b"n"))),
    half=st.binary(max_size=200).map(lambda line: line.replace(b"\n", b"n")),
    end=st.sampled_from([1, 7, 64, 1 << 16]),
)
def test_the_last_whole_line_is_found_and_half_a_line_goes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], half: bytes, end: int
) -> None:
    file = tmp_path_factory.mktemp("lines") / "log.jsonl"
    whole = b"".join(line + b"\n" for line in lines)
    file.write_bytes(whole + half)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("albums.library.lines._END", end)
        assert last_line(file) == (lines[-1] if lines else b"")
    assert file.read_bytes() == whole
    assert list(whole_lines(file)) == [line + b"\n" for line in lines]


def test_only_the_end_of_a_large_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with file.open("wb") as log:
        log.truncate(1 << 40)  # a hole: reading all of it would never end
        log.seek(0, os.SEEK_END)
        log.write(b"\nlast\nhal")
    assert last_line(file) == b"last"
    assert file.stat().st_size == (1 << 40) + 6


def test_lines_are_appended_after_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert (last_line(file), list(whole_lines(file))) == (b"", [])
    append_lines(file, [b"one\n"])
    append_lines(file, [b"two\n", b"three\n"])
    assert (file.read_bytes(), last_line(file)) == (b"one\ntwo\nthree\n", b"three")
