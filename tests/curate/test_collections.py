"""Collections, and the file that outlives the database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.curate import collections as curate
from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.collections import FILE
from tests.arrivals import arrival_of


def shas(albums: Albums, count: int, **fields: Any) -> list[str]:
    return [
        albums.receiver.receive(arrival_of(str(n).encode(), f"{n}.jpg", **fields)).sha
        for n in range(count)
    ]


def in_file(rooms: Rooms) -> dict[str, Any]:
    return dict(json.loads((rooms.folder / FILE).read_bytes()))


def test_a_collection_keeps_the_order_in_which_it_was_filled(albums: Albums, rooms: Rooms) -> None:
    one, two, three = shas(albums, 3)
    curate.create(rooms, "  Lisbon   2024 ", "With Ana")
    assert curate.add(rooms, "Lisbon 2024", [three, one]) == 2
    assert curate.add(rooms, "Lisbon 2024", [two, one]) == 3
    (collection,) = in_file(rooms)["collections"]
    assert collection["assets"] == [three, one, two]
    assert (collection["name"], collection["description"]) == ("Lisbon 2024", "With Ana")


def test_what_was_taken_out_is_remembered_until_it_is_put_back(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = shas(albums, 2, collections=("Imported",))
    assert curate.remove(rooms, "Imported", [one]) == 1
    assert in_file(rooms)["removed"] == {"Imported": [one]}
    curate.add(rooms, "Imported", [one])
    assert in_file(rooms)["removed"] == {}
    curate.delete(rooms, "Imported")
    assert in_file(rooms) == {"collections": [], "removed": {"Imported": sorted([one, two])}}


def test_every_change_is_in_the_audit_log(albums: Albums, rooms: Rooms) -> None:
    (one,) = shas(albums, 1)
    curate.create(rooms, "A")
    curate.add(rooms, "A", [one])
    curate.remove(rooms, "A", [one])
    curate.delete(rooms, "A")
    actions = [entry.action for entry in rooms.audit.entries()]
    assert actions == [
        "deleted-collection", "removed-from-collection", "added-to-collection",
        "created-collection", "ingested",
    ]  # fmt: skip
    assert rooms.audit.entries()[2].detail == {"collection": "A", "assets": [one]}


def test_names_that_make_no_sense_are_refused(rooms: Rooms) -> None:
    curate.create(rooms, "A")
    with pytest.raises(Conflict):
        curate.create(rooms, "A")
    for name in ("", "   ", "x" * 300):
        with pytest.raises(BadInput):
            curate.create(rooms, name)
    with pytest.raises(NotFound):
        curate.delete(rooms, "B")


def test_one_unknown_asset_leaves_the_collection_as_it_was(albums: Albums, rooms: Rooms) -> None:
    (one,) = shas(albums, 1)
    curate.create(rooms, "A")
    before = in_file(rooms)
    with pytest.raises(NotFound):
        curate.add(rooms, "A", [one, "0" * 64])
    assert in_file(rooms) == before


def test_a_change_that_cannot_be_written_down_did_not_happen(
    albums: Albums, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = shas(albums, 1)
    curate.create(rooms, "A")

    def full(*args: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(curate, "replace_synced", full)
        with pytest.raises(OSError, match="disk full"):
            curate.add(rooms, "A", [one])
    with rooms.library.read() as db:
        assert db.execute("select count(*) from collection_assets").fetchone()[0] == 0
