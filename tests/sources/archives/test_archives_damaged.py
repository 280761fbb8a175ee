"""Archives with any bytes changed: no exception, no wrong byte sold as right, nothing lost before
the damage."""

from __future__ import annotations

import struct
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

import inflate64
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.sources.archives import Part, find_parts
from albums.sources.archives.entry import Broken
from albums.sources.archives.unpacking import Deflate64
from tests.sources.archives.made import (
    make_streamed_zip,
    make_tar,
    make_zip,
    media,
    read,
)

FILES = media(8, 400)
FORMS = ["stored", "deflate", "bzip2", "lzma", "streamed", "streamed stored", "tar", "tgz"]
PartKind = Literal["zip", "tgz", "tar", "folder"]
DAMAGES = st.tuples(
    st.sampled_from(["change", "cut out", "put in", "end"]),
    st.floats(0, 1),
    st.binary(min_size=1, max_size=40),
)


@cache
def archive(form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        match form:
            case "tar" | "tgz":
                mode = "w" if form == "tar" else "w:gz"
                make_tar(path, FILES, mode, format=tarfile.PAX_FORMAT)
            case "streamed":
                make_streamed_zip(path, FILES, zipfile.ZIP_DEFLATED)
            case "streamed stored":
                make_streamed_zip(path, FILES, zipfile.ZIP_STORED)
            case _:
                methods = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14}
                make_zip(path, FILES, methods[form])
        return path.read_bytes()


def damaged(data: bytes, how: str, at: int, with_: bytes) -> bytes:
    match how:
        case "change":
            return data[:at] + with_ + data[at + len(with_) :]
        case "cut out":
            return data[:at] + data[at + len(with_) :]
        case "put in":
            return data[:at] + with_ + data[at:]
        case _:
            return data[:at]


def before(form: str, data: bytes, at: int) -> list[str]:
    """The entries that lie wholly before byte `at`, and for a zip whose data do."""
    if form == "tgz":
        return []
    names, end = list(FILES), 0
    marks = []
    for name in names:
        end = data.index(name.encode(), end) + len(name)
        marks.append(end)
    # An entry is over where the next one's header begins; 512 is a tar header and more than a zip's
    return [name for name, after in zip(names, marks[1:], strict=False) if after <= at]


def directory(data: bytes) -> int:
    """Where the directory of a zip begins; behind the end for anything else."""
    return data.index(b"PK\x01\x02") if data[:2] == b"PK" else len(data) + 1


@pytest.mark.parametrize("form", FORMS)
@given(damages=st.lists(DAMAGES, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_damage_anywhere_costs_only_what_it_touches(
    form: str, damages: list[tuple[str, float, bytes]]
) -> None:
    good = data = archive(form)
    places = []
    for how, where, with_ in damages:
        at = int(where * len(data))
        places.append(at)
        data = damaged(data, how, at, with_)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.zip")
        path.write_bytes(data)
        for part in find_parts([path]).parts:
            found = read(part, limit=1 << 20)
            proven = {data for entry, data in found if entry.whole}
            lost = {name for name in before(form, good, min(places)) if FILES[name] not in proven}
            # Only the directory says how an entry was packed whose own header is damaged, too.
            assert len(lost) <= 2 * sum(at >= directory(good) for at in places)
            if part.kind == "zip" or (part.kind == "tgz" and part.whole):
                assert proven <= set(FILES.values())


@pytest.mark.parametrize("kind", ["zip", "tgz", "tar"])
@given(data=st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_bytes_that_only_begin_like_an_archive_are_read_without_an_exception(
    kind: PartKind, data: bytes
) -> None:
    begin = {"zip": b"PK\x03\x04", "tgz": b"\x1f\x8b\x08\0", "tar": b"", "folder": b""}[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(begin + data)
        part = Part(path, kind, path.stat().st_size)
        assert all(len(content) < 1 << 24 for _, content in read(part, limit=1 << 20))


def field(bits: int) -> st.SearchStrategy[int]:
    """A number of a header: anything, mostly small or at its very end."""
    most = 2**bits - 1
    return st.one_of(st.integers(0, 60), st.sampled_from([most, most - 1, most // 2]),
                     st.integers(0, most))  # fmt: skip


SMALL = st.tuples(*[field(16)] * 5)
WIDE = st.tuples(*[field(32)] * 4)


@given(
    heads=st.lists(st.tuples(SMALL, WIDE, st.binary(max_size=40)), min_size=1, max_size=4),
    widths=st.tuples(*[field(64)] * 3),
    end=st.tuples(*[field(64)] * 3),
    wide_end=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_headers_with_any_numbers_are_read_without_an_exception(
    heads: list[tuple[tuple[int, ...], tuple[int, ...], bytes]],
    widths: tuple[int, ...],
    end: tuple[int, ...],
    wide_end: bool,
) -> None:
    extra = struct.pack("<HH3Q", 1, 24, *widths)
    body = listed = b""
    for (needed, flags, method, time, date), (crc, packed, size, offset), data in heads:
        same = (needed, flags, method % 20, time, date, crc, packed, size, 5, len(extra))
        body += struct.pack("<4s5H3I2H", b"PK\x03\x04", *same) + b"a.jpg" + extra + data
        other = (*same[:5], offset, *same[6:])
        listed += struct.pack("<4sH5H3I5H2I", b"PK\x01\x02", 20, *other, 0, 0, 0, 0, offset)
        listed += b"a.jpg" + extra
    start = len(body)
    if wide_end:
        fields = (44, 45, 45, 0, 0, end[0], end[0], end[1], end[2])
        listed += struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", *fields)
        listed += struct.pack("<4sIQI", b"PK\x06\x07", 0, start + len(listed) - 56, 1)
    last = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), start, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.zip")
        path.write_bytes(body + listed + last)
        for part in find_parts([path]).parts:
            read(part, limit=1 << 20)


@cache
def deflate64() -> bytes:
    deflater = inflate64.Deflater()
    return bytes(deflater.deflate(b"".join(FILES.values()) * 3) + deflater.flush())


@given(damages=st.lists(DAMAGES, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_damaged_deflate64_ends_or_is_said_to_be_damaged(
    damages: list[tuple[str, float, bytes]],
) -> None:
    data = deflate64()
    for how, where, with_ in damages:
        data = damaged(data, how, int(where * len(data)), with_)
    unpacker, at = Deflate64(), 0
    try:
        while not unpacker.ended and at < len(data):
            taken = data[at : at + 1000] if unpacker.hungry else b""
            at += len(taken)
            assert len(unpacker.unpack(taken, 5000)) <= 5000
    except Broken:
        assert data != deflate64()
