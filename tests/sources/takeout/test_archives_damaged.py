"""Archives with any bytes changed: no exception, no wrong byte sold as right, nothing lost before
the damage."""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.sources.takeout.archives import find_parts
from tests.sources.takeout.made import (
    make_streamed_zip,
    make_tar,
    make_zip,
    media,
    read,
)

FILES = media(8, 400)
FORMS = ["stored", "deflate", "bzip2", "lzma", "streamed", "streamed stored", "tar", "tgz"]
Damage = Literal["change", "cut out", "put in", "end"]
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
            if part.kind == "zip":
                assert proven <= set(FILES.values())
