"""Acts on many assets: all or none, counted beforehand as they are done, said in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.curate import assets, bulk, collections
from albums.curate.bulk_acts import Kind, bulk_act_of
from albums.curate.rooms import Rooms
from albums.curate.undoing import last_acts, undo
from albums.errors import AlbumsError, BadInput, Conflict, NotFound
from albums.library.assets import asset_by_sha
from albums.library.collections import members
from albums.library.facts import Claim, add_claims, settle
from albums.library.tags import replace_tags, tags_of
from albums.upkeep.rebuild.canonical import canonical_export
from tests.arrivals import arrival_of


@pytest.fixture
def shas(albums: Albums) -> list[str]:
    return [albums.receiver.receive(arrival_of(str(n).encode(), f"{n}.jpg")).sha for n in range(3)]


def act(kind: str, **content: Any) -> Any:
    return bulk_act_of({"kind": kind, **content})


def row(rooms: Rooms, sha: str) -> dict[str, Any]:
    with rooms.library.read() as db:
        return dict(db.execute("select * from assets where sha = ?", (sha,)).fetchone())


def tags(rooms: Rooms, sha: str) -> list[Any]:
    with rooms.library.read() as db:
        return sorted(tag["tag"] for tag in tags_of(db, asset_by_sha(db, sha).id))


def whole(albums: Albums) -> list[str]:
    return [line for line in canonical_export(albums.library) if '"type":"audit"' not in line]


EVERY_ACT: list[dict[str, Any]] = [
    {"kind": "tags", "add": ["Sea ", "dog"], "remove": ["cat"]},
    {"kind": "favourite", "value": True},
    {"kind": "rating", "value": 4},
    {"kind": "private", "value": True},
    {"kind": "place", "value": [38.72, -9.14]},
    {"kind": "times", "act": "set", "to": "2024-05-01T10:00:00"},
    {"kind": "collect", "collection": "Lisbon"},
    {"kind": "uncollect", "collection": "Old"},
    {"kind": "trash"},
]


@pytest.mark.parametrize("content", EVERY_ACT, ids=lambda content: content["kind"])
def test_a_preview_counts_what_is_done_then_and_an_undo_takes_it_back(
    albums: Albums, rooms: Rooms, shas: list[str], content: dict[str, Any]
) -> None:
    with rooms.library.write() as db:
        replace_tags(db, asset_by_sha(db, shas[0]).id, "labels", [("cat", 0.9)])
    collections.create(rooms, "Old")
    collections.add(rooms, "Old", shas[:2])
    before = whole(albums)
    told = bulk.preview(rooms, shas, bulk_act_of(content))
    assert whole(albums) == before
    done = bulk.perform(rooms, shas, bulk_act_of(content), expected=told.changed)
    assert (done.changed, done.words, done.assets) == (told.changed, told.words, 3)
    assert done.changed == (2 if content["kind"] == "uncollect" else 3)
    assert whole(albums) != before
    assert done.id is not None
    again = bulk.perform(rooms, shas, bulk_act_of(content))
    assert (again.changed, again.id) == (0, None)
    with rooms.library.read() as db:
        assert [past.words for past in last_acts(db, 5)] == [done.words]
        assert db.execute("select count(*) from owed_sidecars").fetchone()[0] == 0
    assert undo(rooms, done.id).left == 0
    assert whole(albums) == before


def test_an_act_says_what_it_is_and_is_read_from_what_it_says() -> None:
    for content in EVERY_ACT:
        if content["kind"] != "times":
            read = bulk_act_of(content)
            assert read == bulk_act_of(read.as_json())  # type: ignore[union-attr]
    words = [act(**each).said() for each in EVERY_ACT if each["kind"] != "times"]
    assert words == [
        "tagged sea, dog, not tagged cat any more", "made favourites", "rated 4 of 5",
        "made private", "placed at 38.7200, -9.1400", "added to “Lisbon”", "taken out of “Old”",
        "put into the trash",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "burn"},
        {"kind": "tags"},
        {"kind": "tags", "add": ["a"], "remove": ["A"]},
        {"kind": "tags", "add": ["x" * 201]},
        {"kind": "favourite"},
        {"kind": "rating", "value": 6},
        {"kind": "place", "value": [91, 0]},
        {"kind": "collect", "collection": "  "},
        {"kind": "times", "act": "shift", "by": "soon"},
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_touched(content: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        bulk_act_of(content)


def test_all_or_none(rooms: Rooms, shas: list[str]) -> None:
    with pytest.raises(NotFound):
        bulk.perform(rooms, [*shas, "f" * 64], act("favourite", value=True))
    with pytest.raises(Conflict, match="3 would change now, not 2"):
        bulk.perform(rooms, shas, act("favourite", value=True), expected=2)
    with pytest.raises(BadInput):
        bulk.perform(rooms, [], act("trash"))
    assert [row(rooms, sha)["favourite"] for sha in shas] == [0, 0, 0]


def test_what_is_said_is_in_the_sidecars_and_in_the_log(
    albums: Albums, rooms: Rooms, shas: list[str]
) -> None:
    done = bulk.perform(rooms, shas, act("tags", add=["sea"]), query="year:2024")
    for sha in shas:
        assert (albums.vault.sidecars.read(sha) or {})["person"]["tags"] == ["sea"]
    entry = rooms.audit.entries()[0]
    assert (entry.action, entry.detail["query"], entry.detail["assets"]) == (
        "acted", "year:2024", 3,
    )  # fmt: skip
    assert entry.detail["act"] == done.id
    undo(rooms, str(done.id))
    assert rooms.audit.entries()[0].action == "undid"
    assert (albums.vault.sidecars.read(shas[0]) or {})["person"]["tags"] == []


def test_a_tag_is_only_taken_off_where_it_is_and_only_put_on_where_it_is_not(
    rooms: Rooms, shas: list[str]
) -> None:
    assets.edit(rooms, shas[0], add=["sea", "dog"])
    assert bulk.perform(rooms, shas, act("tags", remove=["dog"])).changed == 1
    assert bulk.perform(rooms, shas, act("tags", add=["sea"])).changed == 2
    assert [tags(rooms, sha) for sha in shas] == [["sea"]] * 3
    with rooms.library.read() as db:
        refused = db.execute("select count(*) from refused_tags").fetchone()[0]
    assert refused == 1


def test_a_favourite_by_a_source_is_one_already_and_can_be_none(
    rooms: Rooms, shas: list[str]
) -> None:
    with rooms.library.write() as db:
        number = asset_by_sha(db, shas[0]).id
        add_claims(db, number, [Claim("favourite", True, "takeout", 0.9)])
        settle(db, number, rooms.home)
    assert bulk.perform(rooms, shas, act("favourite", value=True)).changed == 2
    assert bulk.perform(rooms, shas, act("favourite", value=False)).changed == 3
    assert [row(rooms, sha)["favourite"] for sha in shas] == [0, 0, 0]


def test_taking_back_a_rating_believes_the_file_again(rooms: Rooms, shas: list[str]) -> None:
    with rooms.library.write() as db:
        number = asset_by_sha(db, shas[0]).id
        add_claims(db, number, [Claim("rating", 3, "xmp", 0.9)])
        settle(db, number, rooms.home)
    bulk.perform(rooms, shas, act("rating", value=5))
    assert bulk.perform(rooms, shas, act("rating", value=None)).changed == 3
    assert [row(rooms, sha)["rating"] for sha in shas] == [3, None, None]


def test_they_come_into_a_collection_in_the_order_of_time(rooms: Rooms, shas: list[str]) -> None:
    for sha, year in zip(shas, (2024, 2020, 2022), strict=True):
        assets.edit(rooms, sha, {"captured_at": f"{year}-05-01T10:00:00"})
    bulk.perform(rooms, shas, act("collect", collection=" Best  of "))
    with rooms.library.read() as db:
        assert members(db, "Best of") == [shas[1], shas[2], shas[0]]
    content = json.loads((rooms.folder / "collections.json").read_bytes())
    assert content["collections"][0]["assets"] == [shas[1], shas[2], shas[0]]


def test_a_smart_collection_takes_nothing_by_hand(rooms: Rooms, shas: list[str]) -> None:
    collections.create(rooms, "Smart", query="year:2024")
    with pytest.raises(Conflict):
        bulk.perform(rooms, shas, act("collect", collection="Smart"))
    with pytest.raises(NotFound):
        bulk.perform(rooms, shas, act("uncollect", collection="None such"))


def test_steps_are_opened_again_and_there_is_nothing_to_undo(rooms: Rooms, shas: list[str]) -> None:
    with rooms.library.write() as db:
        db.execute("update work set state = 'done'")
    done = bulk.perform(rooms, shas[:2], act("steps", steps=["caption"]))
    assert (done.id, done.changed, done.words) == (None, 2, "caption to be done again")
    with rooms.library.read() as db:
        rows = db.execute("select step from work where state in ('open', 'waiting')").fetchall()
    assert [each["step"] for each in rows] == ["caption", "caption"]
    with pytest.raises(NotFound):
        bulk.preview(rooms, shas, act("steps", steps=["fly"]))


def test_restoring_brings_back_only_what_lies_in_the_trash(rooms: Rooms, shas: list[str]) -> None:
    bulk.perform(rooms, shas[:2], act("trash"))
    done = bulk.perform(rooms, shas, act("restore"))
    assert done.changed == 2
    assert [row(rooms, sha)["trashed_at"] for sha in shas] == [None] * 3
    assert rooms.audit.entries(sha=shas[0])[0].action == "restored"


@pytest.mark.parametrize(("kind", "all_of_it"), [("private", True), ("favourite", False)])
def test_what_would_show_the_rest_of_a_stack_is_done_to_all_of_it(
    rooms: Rooms, shas: list[str], kind: Kind, all_of_it: bool
) -> None:
    with rooms.library.write() as db:
        top, under = (asset_by_sha(db, sha).id for sha in shas[:2])
        db.execute("update assets set top_id = ? where id = ?", (top, under))
    done = bulk.preview(rooms, shas[:1], act(kind, value=True))
    assert done.assets == (2 if all_of_it else 1)


def test_an_act_that_is_cut_off_leaves_nothing(
    albums: Albums, rooms: Rooms, shas: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(albums)

    def break_off(*_: object, **__: object) -> None:
        raise AlbumsError("cut off")

    monkeypatch.setattr("albums.curate.bulk.owe_all", break_off)
    with pytest.raises(AlbumsError):
        bulk.perform(rooms, shas, act("tags", add=["sea"]))
    assert whole(albums) == before
    with rooms.library.read() as db:
        assert last_acts(db, 5) == []
