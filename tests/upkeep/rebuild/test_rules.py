"""Rules, what they say of assets and what they threw away are the same after a rebuild."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.curate import rules as curate
from albums.curate.trash import restore
from albums.ingest.steps.record import RecordStep
from albums.library.assets import assets_by_id
from albums.settings import Settings
from albums.upkeep.rebuild import canonical_export, rebuild
from tests.curate.ruling import LISBON, PORTO, Ruled, rule


def test_rules_and_all_that_came_of_them_are_rebuilt(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", workers=1, time_zone="UTC")
    with closing(open_albums(settings)) as albums:
        ruled = Ruled(albums)
        shas = [
            ruled.take_in(1, "2014-05-01T12:00:00", LISBON, "Spy"),
            ruled.take_in(2, "1999-12-31T23:59:59", PORTO),
            ruled.take_in(3, "1999-12-31T23:59:59"),
        ]
        ruled.work()
        for one in (
            rule("block-place", "place:lisbon", name="Not there"),
            rule("private", "camera:spy"),
            rule("shift-date", "year:2014", seconds=60),
            rule("delete", "year:1999"),
        ):
            ruled.add(one)
        restore(ruled.rooms, shas[2:])
        ruled.work()
        _record(albums)
        before, effects = list(canonical_export(albums.library)), ruled.everything()
    rebuild(settings.library, albums.tools.home)
    with closing(open_albums(settings)) as albums:
        assert list(canonical_export(albums.library)) == before
        ruled = Ruled(albums)
        ruled.work()
        assert [row["here"] for row in map(ruled.row, shas)] == [1, 0, 1]
        assert ruled.city(shas[0]) is None
        assert ruled.everything() == effects
        with albums.library.read() as db:
            [thrown] = curate.thrown_away(db)
        assert thrown.assets == 1


def _record(albums: Albums) -> None:
    with albums.library.read() as db:
        ids = [row["id"] for row in db.execute("select id from assets")]
        assets = assets_by_id(db, ids)
    RecordStep().run(assets, albums.tools)
