"""Copies that are merged or told apart: nothing is lost that somebody said, and all is undone."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.assembly import Albums
from albums.curate import assets, collections, duplicates, trash
from albums.curate.rooms import Rooms
from albums.curate.undoing import last_acts
from albums.errors import BadInput, Conflict, NotFound
from albums.library.assets import asset_by_sha
from albums.library.collections import members
from albums.library.database import Library
from albums.library.detail import detail
from albums.library.duplicate_groups import groups, regroup
from albums.library.duplicate_pairs import SAME, Pair, keep_pairs, keep_pixels
from albums.library.facts import Claim, add_claims, settle
from albums.upkeep.rebuild import rebuild
from albums.upkeep.rebuild.canonical import canonical_export
from tests.arrivals import arrival_of


def put(albums: Albums, count: int) -> list[str]:
    """Each a little smaller than the one before."""
    contents = [bytes([n]) * (100 - n) for n in range(count)]
    return [
        albums.receiver.receive(arrival_of(content, f"{n}.jpg")).sha
        for n, content in enumerate(contents)
    ]


@pytest.fixture
def copies(albums: Albums) -> list[str]:
    """Three exact copies; the first is the best."""
    shas = put(albums, 3)
    be_copies(albums, shas)
    return shas


def be_copies(albums: Albums, shas: list[str], likeness: float = SAME) -> None:
    with albums.library.write() as db:
        ids = [asset_by_sha(db, sha).id for sha in shas]
        for asset_id in ids:
            pairs = [Pair(other, 0, likeness) for other in ids if other != asset_id]
            regroup(db, keep_pairs(db, asset_id, pairs))
        if likeness == SAME:
            keep_pixels(db, [(asset_id, shas[0][:8]) for asset_id in ids])
            regroup(db, ids)


def shown(albums: Albums, sha: str) -> dict[str, Any]:
    with albums.library.read() as db:
        return detail(db, albums.ledger, asset_by_sha(db, sha), "")


def in_groups(albums: Albums) -> list[list[str]]:
    with albums.library.read() as db:
        return [[member.sha for member in group.members] for group in groups(db, 10)[0]]


def claim(rooms: Rooms, sha: str, *claims: Claim) -> None:
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        add_claims(db, asset.id, claims)
        settle(db, asset.id, rooms.home)


def whole(albums: Albums) -> list[str]:
    """The library but its log, in which an undo shows, too."""
    return without_log(albums.library)


def without_log(library: Library) -> list[str]:
    return [line for line in canonical_export(library) if '"type":"audit"' not in line]


def test_the_kept_one_takes_over_what_was_said_and_the_others_go_to_the_trash(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    best, second, third = copies
    assets.edit(rooms, best, {"title": "Mine"}, add=["sea"])
    assets.edit(rooms, second, {"title": "Yours", "favourite": True, "rating": 3}, add=["dog"])
    assets.edit(rooms, third, {"description": "On the beach", "rating": 4}, add=["sun"])
    claim(rooms, second, Claim("people", ["Ana", "Rui"], "takeout", 0.9))
    claim(rooms, best, Claim("people", ["Ana"], "exif", 0.9))
    merged = duplicates.merge(rooms, best, [second, third])
    assert (merged.groups, merged.assets) == (1, 2)
    kept = shown(albums, best)
    assert (kept["caption_details"]["title"], kept["caption"]) == ("Mine", "On the beach")
    assert (kept["favourite"], kept["rating"], kept["people"]) == (True, 4, ["Ana", "Rui"])
    assert {tag["tag"] for tag in kept["tags"]} == {"sea", "dog", "sun"}
    assert all(shown(albums, sha)["trashed_at"] for sha in (second, third))
    assert in_groups(albums) == []


def test_it_takes_their_place_in_collections(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    [other] = put(albums, 4)[3:]
    collections.create(rooms, "Sea")
    collections.add(rooms, "Sea", [copies[1], other])
    duplicates.merge(rooms, copies[0], copies[1:2])
    with albums.library.read() as db:
        assert [sha for sha in members(db, "Sea") if sha != copies[1]] == [copies[0], other]
    listed = json.loads((rooms.folder / "collections.json").read_bytes())["collections"]
    assert copies[0] in listed[0]["assets"]


def test_a_better_date_and_place_are_taken_over_with_who_said_so(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    claim(rooms, copies[0], Claim("captured_at", "2026-01-01T00:00:00", "file", 0.2))
    claim(
        rooms, copies[1],
        Claim("captured_at", "2019-07-01T10:00:00", "exif", 0.9),
        Claim("location", [38.7, -9.1], "exif", 0.9),
    )  # fmt: skip
    duplicates.merge(rooms, copies[0], copies[1:])
    kept = shown(albums, copies[0])
    assert kept["captured_at"] == "2019-07-01T10:00:00"
    assert kept["location"] == {"latitude": 38.7, "longitude": -9.1}
    [told] = [f for f in kept["facts"] if f["field"] == "captured_at" and f["believed"]]
    assert told["detail"] == "taken over from the copy 1.jpg (exif)"


def test_a_worse_date_and_a_tag_that_was_taken_off_are_not(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    claim(rooms, copies[0], Claim("captured_at", "2019-07-01T10:00:00", "exif", 0.9))
    claim(rooms, copies[1], Claim("captured_at", "2001-01-01T10:00:00", "exif", 0.9))
    assets.edit(rooms, copies[0], remove=["dog"])
    assets.edit(rooms, copies[1], add=["dog"])
    duplicates.merge(rooms, copies[0], copies[1:])
    kept = shown(albums, copies[0])
    assert (kept["captured_at"], kept["tags"]) == ("2019-07-01T10:00:00", [])


def test_what_the_person_made_private_stays_so(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    assets.edit(rooms, copies[2], {"hidden": True})
    duplicates.merge(rooms, copies[0], copies[1:])
    assert shown(albums, copies[0])["hidden"]


def test_a_merge_is_undone_as_one_act_and_the_copies_show_again(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    assets.edit(rooms, copies[1], {"favourite": True}, add=["dog"])
    before = whole(albums)
    merged = duplicates.merge(rooms, copies[0], copies[1:])
    assert merged.id
    assert before != whole(albums)
    with albums.library.read() as db:
        [act] = last_acts(db, 10)
    assert (act.id, act.words) == (merged.id, "merged 2 copies into 0.jpg")
    undone = duplicates.undo(rooms, merged.id)
    assert (undone.assets, undone.left) == (3, 0)
    assert whole(albums) == before
    assert in_groups(albums) == [copies]


_SAID = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["A", "B"]),
        "description": st.sampled_from(["C", "D"]),
        "rating": st.integers(0, 5),
        "favourite": st.booleans(),
        "hidden": st.booleans(),
        "location": st.sampled_from([[38.7, -9.1], [45.0, 7.0]]),
        "captured_at": st.sampled_from(["2019-07-01T10:00:00", "2020-01-01T00:00:00+01:00"]),
    },
)
_TAGS = st.sets(st.sampled_from(["dog", "sea", "receipt"]))
_OF_ONE = st.tuples(_SAID, _TAGS, _TAGS, st.sets(st.sampled_from(["Sea", "Dogs"])))


def test_whatever_was_said_an_undo_puts_it_back(albums: Albums, rooms: Rooms) -> None:
    for name in ("Sea", "Dogs"):
        collections.create(rooms, name)
    shas = put(albums, 3)

    @given(st.tuples(_OF_ONE, _OF_ONE, _OF_ONE))
    @settings(max_examples=10)
    def check(of_each: tuple[Any, ...]) -> None:
        for sha, (said, on, off, into) in zip(shas, of_each, strict=True):
            assets.edit(rooms, sha, said, add=on, remove=off - on)
            for name in into:
                collections.add(rooms, name, [sha])
        before = whole(albums)
        merged = duplicates.merge(rooms, shas[0], shas[1:])
        assert merged.id
        kept = shown(albums, shas[0])
        assert kept["favourite"] >= any(said.get("favourite", False) for said, *_ in of_each)
        assert {name for *_, into in of_each for name in into} <= set(kept["collections"])
        duplicates.undo(rooms, merged.id)
        assert whole(albums) == before

    check()


def test_a_rebuild_knows_it_all(albums: Albums, rooms: Rooms, copies: list[str]) -> None:
    assets.edit(rooms, copies[1], {"favourite": True, "title": "Sea"}, add=["dog"])
    duplicates.merge(rooms, copies[0], copies[1:2])
    duplicates.keep_all(rooms, [copies[0], copies[2]])
    before = whole(albums)
    folder, home = rooms.folder, rooms.home
    albums.close()
    rebuild(folder, home)
    with closing(Library(folder / "albums.db")) as library:
        assert without_log(library) == before


def test_told_apart_they_are_no_copies_until_that_is_undone(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    id = duplicates.keep_all(rooms, copies)
    assert in_groups(albums) == []
    content = albums.vault.sidecars.read(copies[0])
    assert content is not None
    [said] = [c for c in content["person"]["claims"] if c["field"] == "not_duplicates"]
    assert said["value"] == sorted(copies[1:])
    duplicates.undo(rooms, id)
    assert in_groups(albums) == [copies]


def test_who_was_told_apart_from_one_may_be_a_copy_of_another(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    duplicates.keep_all(rooms, copies[:2])
    duplicates.keep_all(rooms, [copies[0], copies[2]])
    assert in_groups(albums) == [copies[1:]]


def test_all_exact_ones_are_merged_and_what_is_near_stays(
    albums: Albums, rooms: Rooms, copies: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = put(albums, 8)[3:]
    be_copies(albums, more[:2])
    be_copies(albums, more[2:4], likeness=0.9)
    seen = duplicates.preview_exact(rooms)
    assert (seen.id, seen.groups, seen.assets, seen.left) == (None, 2, 3, 2)
    monkeypatch.setattr(duplicates, "AT_ONCE", 1)
    first = duplicates.merge_exact(rooms)
    second = duplicates.merge_exact(rooms)
    assert [first.left, second.left] == [1, 0]
    assert first.assets + second.assets == 3
    assert in_groups(albums) == [more[2:4]]
    assert duplicates.merge_exact(rooms).id is None


def test_the_log_says_into_which(albums: Albums, rooms: Rooms, copies: list[str]) -> None:
    duplicates.merge(rooms, copies[0], copies[1:])
    with albums.library.read() as db:
        rows = db.execute("select action, sha, detail from audit order by id desc limit 3")
        log = {row["action"]: (row["sha"], json.loads(row["detail"])) for row in rows}
    assert log["merged-duplicates"][0] == copies[0]
    assert log["merged-duplicates"][1]["copies"] == copies[1:]
    assert "trashed" in log


def test_what_makes_no_sense_is_refused_and_changes_nothing(
    albums: Albums, rooms: Rooms, copies: list[str]
) -> None:
    trash.trash(rooms, [copies[2]])
    before = whole(albums)
    film = albums.receiver.receive(arrival_of(b"\0\0\0\x18ftypmp42" + bytes(12), "a.mp4")).sha
    with pytest.raises(Conflict, match="in the trash"):
        duplicates.merge(rooms, copies[0], [copies[2]])
    with pytest.raises(BadInput, match="2 to"):
        duplicates.merge(rooms, copies[0], [copies[0]])
    with pytest.raises(BadInput, match="no copies"):
        duplicates.merge(rooms, copies[0], [film])
    with pytest.raises(NotFound):
        duplicates.keep_all(rooms, [copies[0], "0" * 64])
    trash.trash(rooms, [film])
    trash.purge(rooms, [film], confirmed=True)
    assert [line for line in whole(albums) if film not in line] == before
