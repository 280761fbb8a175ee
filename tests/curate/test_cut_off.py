"""A disk that goes away at each single step of coming in, being thrown away and going for good."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from albums.assembly import Albums, open_albums
from albums.curate import trash as curate
from albums.curate.recovery import recover
from albums.errors import AlbumsError
from albums.settings import Settings
from tests.arrivals import arrival_of
from tests.curate.conftest import rooms_of

PHOTO = b"a photo, more or less"
SHA = hashlib.sha256(PHOTO).hexdigest()
_STEPS = ("fsync", "fdatasync", "replace", "rename", "link", "unlink")
_MOST = 60  # steps; more than any of these takes

Act = Callable[[Albums], Any]


def come(albums: Albums, *, again: bool = False) -> None:
    albums.receiver.receive(arrival_of(PHOTO, "beach.jpg", again=again))


def throw_away(albums: Albums) -> None:
    curate.trash(rooms_of(albums), [SHA])


def purge(albums: Albums) -> None:
    curate.purge(rooms_of(albums), [SHA], confirmed=True)


# What happened before; what is cut off; whether the asset is there once it is through.
LIVES: dict[str, tuple[list[Act], Act, bool]] = {
    "comes in": ([], come, True),
    "comes a second time": ([come], come, True),
    "is thrown away": ([come], throw_away, True),
    "goes for good": ([come, throw_away], purge, False),
    "comes back": ([come, throw_away, purge], lambda a: come(a, again=True), True),
    "comes out of the trash": ([come, throw_away], lambda a: come(a, again=True), True),
    "is sent again though deleted": ([come, throw_away, purge], come, False),
}

_QUICK = ("comes in", "is thrown away", "goes for good")


def cut_off_at(step: int, act: Act, albums: Albums) -> tuple[bool, bool]:
    """Whether the act was acknowledged, and whether the disk went away during it."""
    done = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done > step:
                raise OSError(errno.EIO, "Input/output error")
            return real(*args, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in _STEPS:
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            act(albums)
        except (AlbumsError, OSError):
            return False, True
    return True, done > step


def look(albums: Albums, *, there: bool | None) -> None:
    """Nothing is half; `there`: whether the asset must be, None where both will do."""
    with albums.library.read() as db:
        rows = db.execute("select sha, extension, trashed_at from assets").fetchall()
        stones = db.execute("select sha from tombstones").fetchall()
    assert there is None or bool(rows) == there
    assert not (rows and stones)
    for row in rows:
        assert albums.vault.originals.path(SHA, row["extension"]).read_bytes() == PHOTO
        sidecar = albums.vault.sidecars.read(SHA)
        assert sidecar is not None
        assert sidecar["arrivals"]
        assert sidecar.get("person", {}).get("trashed_at") == row["trashed_at"]
    assert bool(list(albums.vault.originals.root.glob("*/*"))) == bool(rows)
    assert not list(albums.vault.originals.incoming.iterdir())
    assert albums.audit.check() == []


@pytest.mark.parametrize(
    "life",
    [life if life in _QUICK else pytest.param(life, marks=pytest.mark.slow) for life in LIVES],
)
def test_whatever_step_is_the_last_one_a_start_makes_it_whole(tmp_path: Path, life: str) -> None:
    before, act, stays = LIVES[life]
    for step in range(_MOST):
        settings = Settings(library=tmp_path / str(step), workers=1, time_zone="UTC")
        with closing(open_albums(settings)) as albums:
            for earlier in before:
                earlier(albums)
            acknowledged, cut = cut_off_at(step, act, albums)
        with closing(open_albums(settings)) as albums:
            recover(rooms_of(albums))
            look(albums, there=stays if acknowledged else None)
            if not acknowledged and (life != "goes for good" or is_there(albums)):
                act(albums)  # a client tries again
            look(albums, there=stays)
        if not cut:
            return
    raise AssertionError(f"{life}: more than {_MOST} steps")


def test_what_is_back_before_its_files_were_removed_has_nothing_of_before(tmp_path: Path) -> None:
    for step in range(_MOST):
        settings = Settings(library=tmp_path / str(step), workers=1, time_zone="UTC")
        with closing(open_albums(settings)) as albums:
            come(albums)
            throw_away(albums)
            _, cut = cut_off_at(step, purge, albums)
            for number in (1, 2):
                albums.receiver.receive(arrival_of(PHOTO, f"again {number}.jpg", again=True))
                curate.finish_purges(rooms_of(albums))
            look(albums, there=True)
            with albums.library.read() as db:
                names = [row["name"] for row in db.execute("select name from arrivals order by id")]
            sidecar = albums.vault.sidecars.read(SHA)
            assert sidecar
            assert [arrival["name"] for arrival in sidecar["arrivals"]] == names
        if not cut:
            return
    raise AssertionError(f"more than {_MOST} steps")


def is_there(albums: Albums) -> bool:
    with albums.library.read() as db:
        return db.execute("select 1 from assets").fetchone() is not None
