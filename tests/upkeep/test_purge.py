"""What was thrown away long ago goes by itself, and never because a clock was wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from albums.assembly import Albums, open_albums
from albums.cli.serving import Serving
from albums.curate import trash as curate
from albums.settings import Settings
from albums.upkeep.purge import Emptying, days_left, iso
from albums.web.request import rooms_for
from tests.arrivals import arrival_of

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
HOURS = 3600.0


@pytest.fixture
def albums(tmp_path: Path) -> Iterator[Albums]:
    with closing(open_albums(Settings(library=tmp_path / "library", workers=1))) as albums:
        yield albums


@pytest.fixture
def emptying(albums: Albums) -> Emptying:
    """It looked an hour ago."""
    looked(albums, NOW - timedelta(hours=1))
    purge = partial(curate.purge_outstayed, rooms_for(albums, "box://trash"))
    return Emptying(albums.library, purge, 30)


def throw_away(albums: Albums, name: str, age: timedelta, *, clock: timedelta | None = None) -> str:
    """Thrown away `age` ago; `clock`: how long ago it was as the clock had it then."""
    sha = albums.receiver.receive(arrival_of(name.encode(), name)).sha
    curate.trash(rooms_for(albums, "tailscale://galaxy-s24"), [sha])
    with albums.library.write() as db:
        shown = iso(NOW - (age if clock is None else clock))
        db.execute("update assets set trashed_at = ? where sha = ?", (shown, sha))
        db.execute("update audit set at = ? where sha = ?", (iso(NOW - age), sha))
        if clock is not None:
            db.execute("update audit set at = ? where sha = ? and action = 'trashed'", (shown, sha))
    return sha


def looked(albums: Albums, at: datetime) -> None:
    with albums.library.write() as db:
        db.execute("insert or replace into notes values ('trash_clock', ?)", (iso(at),))


def left(albums: Albums) -> set[str]:
    with albums.library.read() as db:
        return {row["sha"] for row in db.execute("select sha from assets")}


def test_what_has_been_there_for_thirty_days_goes_and_the_rest_stays(
    albums: Albums, emptying: Emptying
) -> None:
    old = throw_away(albums, "old.jpg", 31 * DAY)
    young = throw_away(albums, "young.jpg", 29 * DAY)
    kept = albums.receiver.receive(arrival_of(b"kept", "kept.jpg")).sha
    assert emptying.look(NOW, 0)
    assert left(albums) == {young, kept}
    assert not list(albums.settings.library.glob(f"originals/??/{old}*"))
    with albums.library.read() as db:
        stone = dict(db.execute("select * from tombstones").fetchone())
    assert (stone["sha"], stone["deleted_by"]) == (old, "tailscale://galaxy-s24")
    assert stone["deleted_at"] == iso(NOW - 31 * DAY)
    assert albums.audit.entries()[0].actor == "box://trash"


def test_a_clock_that_leaps_ahead_takes_nothing_with_it(albums: Albums, emptying: Emptying) -> None:
    young = throw_away(albums, "young.jpg", 1 * DAY)
    assert emptying.look(NOW, 0)
    later = NOW + 365 * DAY
    for hour in range(24):
        assert not emptying.look(later + timedelta(hours=hour), hour * HOURS)
    assert left(albums) == {young}
    assert emptying.look(NOW + timedelta(hours=12), 12 * HOURS)  # it was set right again
    assert not emptying.look(later, 30 * HOURS)  # and the doubt begins anew
    assert left(albums) == {young}


def test_a_box_that_was_off_for_long_believes_its_clock_after_a_day(
    albums: Albums, emptying: Emptying
) -> None:
    throw_away(albums, "young.jpg", 1 * DAY)
    assert emptying.look(NOW, 0)
    later = NOW + 60 * DAY
    assert not emptying.look(later, 0)
    assert emptying.look(later + DAY, 24 * HOURS)
    assert left(albums) == set()


def test_a_clock_that_went_back_purges_nothing_until_it_is_believed(
    albums: Albums, emptying: Emptying
) -> None:
    throw_away(albums, "old.jpg", 31 * DAY)
    looked(albums, NOW + 99 * DAY)
    assert not emptying.look(NOW, 0)
    assert len(left(albums)) == 1
    assert emptying.look(NOW + DAY, 24 * HOURS)
    assert left(albums) == set()


def test_what_was_thrown_away_by_a_clock_that_was_behind_gets_its_time(
    albums: Albums, emptying: Emptying
) -> None:
    albums.receiver.receive(arrival_of(b"first", "first.jpg"))  # while the clock was right
    behind = throw_away(albums, "behind.jpg", timedelta(0), clock=8000 * DAY)
    assert emptying.look(NOW + timedelta(seconds=5), 0)
    assert behind in left(albums)


def test_a_box_empties_its_old_trash_right_after_it_starts(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", workers=1)
    with closing(open_albums(settings)) as albums:
        old = throw_away(albums, "old.jpg", 31 * DAY)
        young = throw_away(albums, "young.jpg", 2 * DAY)
        looked(albums, NOW)
    with closing(Serving(settings, working=True)) as serving:
        deadline = time.monotonic() + 10
        while old in left(serving.albums) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left(serving.albums) == {young}


def test_a_box_that_ends_does_not_wait_for_a_large_trash(albums: Albums) -> None:
    looked(albums, NOW)
    asked = list[str]()

    def purge(until: str) -> int:
        asked.append(until)
        if len(asked) == 3:
            busy.close()
        return 100

    busy = Emptying(albums.library, purge, 30)
    assert busy.look(NOW, 0)
    assert asked == [iso(NOW - 30 * DAY)] * 3


def test_zero_days_means_that_nothing_goes_by_itself(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", workers=1, trash_days=0)
    with closing(Serving(settings, working=True)) as serving:
        old = throw_away(serving.albums, "old.jpg", 3000 * DAY)
    with closing(Serving(settings, working=True)) as serving:
        time.sleep(0.2)
        assert left(serving.albums) == {old}


@pytest.mark.parametrize(
    ("age", "days", "expected"),
    [
        (timedelta(0), 30, 30),
        (timedelta(hours=1), 30, 30),
        (29 * DAY, 30, 1),
        (timedelta(days=29, hours=23), 30, 1),
        (30 * DAY, 30, 0),
        (99 * DAY, 30, 0),
        (99 * DAY, 0, None),
    ],
)
def test_how_many_days_are_left(age: timedelta, days: int, expected: int | None) -> None:
    assert days_left((NOW - age).isoformat(), days, NOW) == expected


def test_a_box_that_never_looked_believes_its_clock_by_the_audit_log(
    albums: Albums, emptying: Emptying
) -> None:
    throw_away(albums, "old.jpg", 31 * DAY)
    with albums.library.write() as db:
        db.execute("delete from notes")
    assert not emptying.look(NOW, 0)  # nothing was written for a month
    albums.receiver.receive(arrival_of(b"today", "today.jpg"))
    assert emptying.look(datetime.now(UTC), 1)
