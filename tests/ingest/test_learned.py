"""A library that is older than one of the decoders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pillow_jxl
import pytest

from albums.assembly import Albums, open_albums
from albums.media import formats
from albums.settings import Settings
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.media.pictures import corners, encoded

assert pillow_jxl  # the import lets Pillow write JPEG XL


@contextmanager
def opened(library: Path) -> Iterator[Albums]:
    albums = open_albums(Settings(library=library, workers=1, time_zone="UTC"))
    try:
        yield albums
    finally:
        albums.close()


def pictures(albums: Albums) -> dict[str, str]:
    with albums.library.read() as db:
        rows = db.execute(
            """select name, state from work join assets on assets.id = asset_id
               where step = 'pictures'"""
        )
        return {row["name"]: row["state"] for row in rows}


@pytest.fixture
def older(tmp_path: Path, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with pictures, but none of its JPEG XL and PSD files."""
    library = tmp_path / "library"
    known = [d for d in formats.DECODERS if d.module != "albums.media.jxl"]
    with monkeypatch.context() as before:
        before.setattr(formats, "DECODERS", known)
        with opened(library) as albums:
            for name, content in (
                ("x.jpg", make_photo(1)),
                ("x.jxl", encoded(corners(), "JXL")),
                ("x.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40)),
            ):
                albums.receiver.receive(arrival_of(content, name))
            assert sorted(pictures(albums)) == ["x.7z", "x.jpg", "x.jxl"]
            with albums.library.write() as db:  # as the steps would have left it
                db.execute("update work set state = 'done' where step in ('pictures', 'facts')")
                db.execute(
                    """update work set state = 'skipped' where step = 'pictures' and asset_id in
                       (select id from assets where name != 'x.jpg')"""
                )
    return library


def test_only_what_was_passed_over_and_can_be_opened_now_is_opened_again(older: Path) -> None:
    with opened(older) as albums:
        assert pictures(albums) == {"x.jpg": "done", "x.7z": "skipped", "x.jxl": "open"}
        with albums.library.read() as db:
            facts = db.execute(
                """select name from work join assets on assets.id = asset_id
                   where step = 'facts' and state = 'open'"""
            ).fetchall()
        assert [row["name"] for row in facts] == ["x.jxl"]


def test_it_gets_its_picture(older: Path) -> None:
    with opened(older) as albums:
        albums.runner.start()
        assert albums.runner.wait_until_idle(60)
        assert pictures(albums) == {"x.jpg": "done", "x.7z": "skipped", "x.jxl": "done"}


def test_nothing_is_looked_for_twice(older: Path) -> None:
    with opened(older) as albums, albums.library.write() as db:
        db.execute("update work set state = 'skipped' where step = 'pictures'")
    with opened(older) as albums:
        assert set(pictures(albums).values()) == {"skipped"}
