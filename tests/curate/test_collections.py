"""Collections, and the file that outlives the database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.curate import collections as curate
from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.collections import FILE, members, one_collection
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


def collection(rooms: Rooms, name: str) -> dict[str, Any]:
    with rooms.library.read() as db:
        return one_collection(db, name) or {}


def test_what_is_said_of_a_collection_is_in_the_file_and_the_log(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = shas(albums, 1)
    curate.create(rooms, "A")
    said = {"name": "  B ", "description": " of 2024 ", "cover": one[:12], "sort": "oldest"}
    assert curate.change(rooms, "A", said) == "B"
    (kept,) = in_file(rooms)["collections"]
    wanted = {"name": "B", "description": "of 2024", "cover": one, "sort": "oldest"}
    assert {key: kept[key] for key in wanted} == wanted
    assert kept["formerly"] == ["A"]
    entry = rooms.audit.entries()[0]
    assert (entry.action, entry.detail["now"]) == ("changed-collection", wanted)
    assert entry.detail["was"] == {"name": "A", "description": "", "cover": None, "sort": "newest"}
    curate.change(rooms, "B", {"sort": "oldest"})  # nothing new
    assert rooms.audit.entries()[0].id == entry.id
    curate.change(rooms, "B", {"cover": ""})
    assert collection(rooms, "B")["cover"] is None


def test_what_makes_no_sense_is_refused_and_changes_nothing(albums: Albums, rooms: Rooms) -> None:
    (one,) = shas(albums, 1)
    curate.create(rooms, "A")
    curate.create(rooms, "B")
    curate.add(rooms, "A", [one])
    before = in_file(rooms)
    for name, said, error in (
        ("A", {"name": "B"}, Conflict),
        ("A", {"name": ""}, BadInput),
        ("A", {"sort": "colour"}, BadInput),
        ("A", {"query": "dog"}, Conflict),  # what was put in by hand would be hidden by it
        ("A", {"cover": "0" * 64}, NotFound),
        ("A", {"description": "x" * 10_001}, BadInput),
        ("C", {"name": "D"}, NotFound),
    ):
        with pytest.raises(error):
            curate.change(rooms, name, {"description": "half"} | said)
    assert in_file(rooms) == before


def test_a_source_that_says_the_old_name_fills_the_same_collection(
    albums: Albums, rooms: Rooms
) -> None:
    shas(albums, 1, collections=("Old",))
    curate.change(rooms, "Old", {"name": "New"})
    shas(albums, 2, collections=("Old",))
    assert [c["name"] for c in in_file(rooms)["collections"]] == ["New"]
    assert len(collection_members(rooms, "New")) == 2
    assert curate.remove(rooms, "Old", collection_members(rooms, "New")[:1]) == 1
    curate.create(rooms, "Old")  # now it is another
    shas(albums, 3, collections=("Old",))
    assert len(collection_members(rooms, "New")) == 1


def test_assets_are_moved_to_where_they_are_wanted(albums: Albums, rooms: Rooms) -> None:
    a, b, c, d = shas(albums, 4)
    curate.create(rooms, "A")
    curate.add(rooms, "A", [a, b, c, d])
    curate.move(rooms, "A", [b], before=a)  # begins with what is shown: d c b a
    assert collection_members(rooms, "A") == [d, c, b, a]
    assert collection(rooms, "A")["sort"] == "hand"
    curate.move(rooms, "A", [a, c], before=d)
    assert collection_members(rooms, "A") == [a, c, d, b]
    curate.move(rooms, "A", [a])
    assert collection_members(rooms, "A") == [c, d, b, a]
    curate.move_by(rooms, "A", c, 2)
    assert collection_members(rooms, "A") == [d, b, c, a]
    curate.move_by(rooms, "A", c, -100)
    assert collection_members(rooms, "A") == [c, d, b, a]
    curate.move_by(rooms, "A", d, 100)
    assert collection_members(rooms, "A") == [c, b, a, d]
    (kept,) = in_file(rooms)["collections"]
    assert kept["assets"] == [c, b, a, d]
    curate.remove(rooms, "A", [b])
    with pytest.raises(BadInput, match="is not in the collection"):
        curate.move(rooms, "A", [b])


def test_a_smart_collection_is_filled_by_its_query_alone_until_it_is_frozen(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = shas(albums, 2)
    curate.create(rooms, "Smart", query="  tag:dog   year:2024 ")
    assert collection(rooms, "Smart")["query"] == "tag:dog year:2024"
    for refused in (curate.add, curate.remove):
        with pytest.raises(Conflict) as caught:
            refused(rooms, "Smart", [one])
        assert "freeze" in caught.value.hint
    with pytest.raises(BadInput, match="needs a query"):
        curate.change(rooms, "Smart", {"query": " "})
    assert curate.freeze(rooms, "Smart", [two, one]) == 2
    assert collection(rooms, "Smart")["query"] is None
    assert collection_members(rooms, "Smart") == [two, one]
    with pytest.raises(Conflict):
        curate.freeze(rooms, "Smart", [])


def test_a_deleted_collection_does_not_come_back_under_a_former_name(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = shas(albums, 1, collections=("Old",))
    curate.change(rooms, "Old", {"name": "New"})
    curate.delete(rooms, "New")
    assert in_file(rooms)["removed"] == {"New": [one], "Old": [one]}


def collection_members(rooms: Rooms, name: str) -> list[str]:
    with rooms.library.read() as db:
        return members(db, name)
