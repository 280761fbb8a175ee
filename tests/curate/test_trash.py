"""What is thrown away comes back whole or is gone for good, and never by accident."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.cli.serving import Serving
from albums.curate import assets, collections
from albums.curate import trash as curate
from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict
from albums.library import tombstones
from albums.library.assets import asset_by_sha
from albums.library.detail import detail
from tests.arrivals import arrival_of


@pytest.fixture
def sha(albums: Albums) -> str:
    return albums.receiver.receive(arrival_of(b"a photo, more or less", "beach.jpg")).sha


def row(rooms: Rooms, sha: str) -> dict[str, Any]:
    with rooms.library.read() as db:
        return dict(db.execute("select * from assets where sha = ?", (sha,)).fetchone())


def persons_part(rooms: Rooms, sha: str) -> dict[str, Any]:
    return dict(json.loads(rooms.vault.sidecars.path(sha).read_bytes())["person"])


def test_trash_and_restore_are_recorded_once_each(rooms: Rooms, sha: str) -> None:
    curate.trash(rooms, [sha])
    first = row(rooms, sha)["trashed_at"]
    curate.trash(rooms, [sha])
    assert row(rooms, sha)["trashed_at"] == first == persons_part(rooms, sha)["trashed_at"]
    curate.restore(rooms, [sha])
    curate.restore(rooms, [sha])
    assert row(rooms, sha)["trashed_at"] is persons_part(rooms, sha)["trashed_at"] is None
    assert [e.action for e in rooms.audit.entries()] == ["restored", "trashed", "ingested"]


def test_purging_leaves_a_tombstone_and_nothing_else(
    rooms: Rooms, albums: Albums, sha: str
) -> None:
    kept = albums.receiver.receive(arrival_of(b"another", "other.jpg")).sha
    rooms.vault.pictures.put(sha, 300, b"picture")
    with rooms.library.write() as db:
        db.execute("insert into words (rowid, caption) values (1, 'beach')")
    curate.trash(rooms, [sha])
    assert curate.purge(rooms, [sha], confirmed=True) == curate.Purged(1, 21)
    files = [p.name for p in rooms.folder.rglob("*") if p.is_file()]
    assert [name for name in files if sha in name] == []
    assert [name for name in files if kept in name]
    with rooms.library.read() as db:
        assert db.execute("select count(*) from words").fetchone()[0] == 0
        assert db.execute("select count(*) from work where asset_id = 1").fetchone()[0] == 0
    (tombstone,) = json.loads((rooms.folder / tombstones.FILE).read_bytes())
    assert (tombstone["sha"], tombstone["name"]) == (sha, "beach.jpg")
    assert albums.receiver.receive(arrival_of(b"a photo, more or less")).status == "deleted"
    assert rooms.audit.check() == []


def test_nothing_is_purged_by_accident(rooms: Rooms, sha: str) -> None:
    with pytest.raises(Conflict):
        curate.purge(rooms, [sha], confirmed=True)
    curate.trash(rooms, [sha])
    with pytest.raises(BadInput):
        curate.purge(rooms, [sha], confirmed=False)
    assert row(rooms, sha)["sha"] == sha


def test_one_asset_outside_the_trash_stops_the_whole_purge(
    rooms: Rooms, albums: Albums, sha: str
) -> None:
    other = albums.receiver.receive(arrival_of(b"another")).sha
    curate.trash(rooms, [sha])
    with pytest.raises(Conflict):
        curate.purge(rooms, [sha, other], confirmed=True)
    assert row(rooms, sha)["sha"] == sha
    assert rooms.vault.originals.reread(sha, _extension(rooms, sha))


def _extension(rooms: Rooms, sha: str) -> str:
    return str(row(rooms, sha)["extension"])


def test_what_comes_back_has_all_that_belonged_to_it(
    rooms: Rooms, albums: Albums, sha: str
) -> None:
    assets.edit(rooms, sha, {"title": "Swim", "favourite": True, "rating": 4}, add=["ana"])
    collections.create(rooms, "Lisbon")
    collections.add(rooms, "Lisbon", [sha])
    before = everything(albums, sha)
    curate.trash(rooms, [sha])
    curate.restore(rooms, [sha])
    assert everything(albums, sha) == before


def everything(albums: Albums, sha: str) -> dict[str, Any]:
    with albums.library.read() as db:
        return detail(db, albums.ledger, asset_by_sha(db, sha), albums.shelf.space())


def test_a_purge_that_is_cut_off_is_finished_by_the_next_start(
    rooms: Rooms, albums: Albums, sha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    curate.trash(rooms, [sha])

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(curate, "finish_purges", cut)
        with pytest.raises(KeyboardInterrupt):
            curate.purge(rooms, [sha], confirmed=True)
    assert rooms.vault.sidecars.path(sha).exists()
    albums.close()
    serving = Serving(albums.settings, working=False)
    serving.close()
    assert not list(rooms.folder.glob(f"originals/??/{sha}*"))
    (stone,) = json.loads((rooms.folder / tombstones.FILE).read_bytes())
    assert stone["sha"] == sha


def test_what_was_taken_in_again_before_its_files_went_keeps_them(
    rooms: Rooms, albums: Albums, sha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    curate.trash(rooms, [sha])
    with monkeypatch.context() as patch:
        patch.setattr(curate, "finish_purges", lambda rooms: 0)
        curate.purge(rooms, [sha], confirmed=True)
    again = albums.receiver.receive(arrival_of(b"a photo, more or less", again=True))
    assert again.status == "ingested"
    assert curate.finish_purges(rooms) == 0
    assert rooms.vault.originals.reread(sha, _extension(rooms, sha))
    assert rooms.vault.sidecars.read(sha)


def test_a_trash_of_hundreds_goes_in_several_transactions(
    rooms: Rooms, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curate, "_AT_ONCE", 4)
    shas = [albums.receiver.receive(arrival_of(b"%d" % number)).sha for number in range(10)]
    curate.trash(rooms, shas)
    assert curate.empty(rooms, confirmed=True) == curate.Purged(10, 10)
    assert not list(rooms.folder.glob("originals/??/*"))
    assert rooms.audit.check() == []
