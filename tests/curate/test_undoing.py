"""Acts on many assets taken back: exactly what was said before, and nothing that was said since."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.assembly import Albums, open_albums
from albums.curate import assets, corrections, trash
from albums.curate.rooms import Rooms
from albums.curate.time_acts import act_of
from albums.curate.undoing import last_acts, undo, undoable
from albums.errors import BadInput, Conflict, NotFound
from albums.library import acts as kept
from albums.library.assets import asset_by_sha
from albums.library.collections import add_to_collection, members, remove_from_collection
from albums.library.facts import Claim, add_claims, settle
from albums.library.tags import add_tags, refuse_tags, replace_tags
from albums.settings import Settings
from albums.upkeep.rebuild.canonical import canonical_export
from tests.arrivals import arrival_of
from tests.curate.conftest import rooms_of


def put(albums: Albums, count: int) -> list[str]:
    return [
        albums.receiver.receive(arrival_of(str(n).encode(), f"{n}.jpg")).sha for n in range(count)
    ]


def ids(rooms: Rooms, shas: list[str]) -> list[int]:
    with rooms.library.read() as db:
        return [asset_by_sha(db, sha).id for sha in shas]


@contextmanager
def acting(rooms: Rooms, shas: list[str], words: str = "did something") -> Iterator[Any]:
    """An act on these: gives the connection and its id."""
    numbers = ids(rooms, shas)
    with rooms.library.write() as db, undoable(rooms, db, "test", words, numbers) as act_id:
        yield db, act_id, numbers


def whole(albums: Albums) -> list[str]:
    """The library but its log, in which an undo shows, too."""
    return [line for line in canonical_export(albums.library) if '"type":"audit"' not in line]


def person_of(albums: Albums, sha: str) -> dict[str, Any]:
    content = albums.vault.sidecars.read(sha)
    assert content is not None
    return dict(content["person"])


def claim(db: Any, rooms: Rooms, asset_id: int, field: str, value: Any) -> None:
    add_claims(db, asset_id, [Claim(field, value, "person", 1.0)])
    settle(db, asset_id, rooms.home)


def favourite(rooms: Rooms, shas: list[str]) -> str:
    with acting(rooms, shas) as (db, act_id, numbers):
        for number in numbers:
            claim(db, rooms, number, "favourite", True)
    return str(act_id)


def test_what_was_said_before_is_put_back_in_the_rows_and_in_the_sidecar(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = put(albums, 2)
    assets.edit(rooms, one, {"favourite": False, "title": "Dawn"}, add=["sea"])
    before = whole(albums)
    act_id = favourite(rooms, [one, two])
    assert whole(albums) != before
    undone = undo(rooms, act_id)
    assert (undone.assets, undone.left) == (2, 0)
    assert whole(albums) == before
    said = {c["field"]: c["value"] for c in person_of(albums, one)["claims"]}
    assert said == {"favourite": False, "title": "Dawn"}
    assert person_of(albums, two)["claims"] == []


def test_what_was_changed_again_since_is_left_and_counted(albums: Albums, rooms: Rooms) -> None:
    one, two = put(albums, 2)
    act_id = favourite(rooms, [one, two])
    assets.edit(rooms, one, {"favourite": False})
    undone = undo(rooms, act_id)
    assert (undone.assets, undone.left) == (1, 1)
    with rooms.library.read() as db:
        (past,) = last_acts(db, 5)
        assert (past.left, past.assets) == (1, 2)
        assert past.undone_at
        rows = dict(db.execute("select sha, favourite from assets").fetchall())
        claims = db.execute("select asset_id from claims where source = 'person'").fetchall()
    assert rows == {one: 0, two: 0}
    assert [row["asset_id"] for row in claims] == ids(rooms, [one])


def test_a_change_of_something_else_since_does_not_keep_an_act_from_being_undone(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = put(albums, 1)
    act_id = favourite(rooms, [one])
    assets.edit(rooms, one, {"rating": 4}, add=["sea"])
    assert undo(rooms, act_id).assets == 1
    said = person_of(albums, one)
    assert ([c["field"] for c in said["claims"]], said["tags"]) == (["rating"], ["sea"])


def test_a_tag_that_a_machine_found_and_the_person_took_off_is_found_again(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = put(albums, 1)
    (number,) = ids(rooms, [one])
    with rooms.library.write() as db:
        replace_tags(db, number, "labels", [("dog", 0.7), ("sand", 0.5)])
    with acting(rooms, [one]) as (db, act_id, _):
        refuse_tags(db, number, ["dog"])
    with rooms.library.write() as db:  # the machine says something else by now
        replace_tags(db, number, "labels", [("sand", 0.5), ("sky", 0.4)])
    assert undo(rooms, act_id).left == 0
    with rooms.library.read() as db:
        rows = db.execute("select tag, source, score from tags order by tag").fetchall()
        work = db.execute("select state from work where step = 'record'").fetchone()
    assert [tuple(row) for row in rows] == [
        ("dog", "labels", 0.7), ("sand", "labels", 0.5), ("sky", "labels", 0.4),
    ]  # fmt: skip
    assert work["state"] in ("open", "waiting")
    assert person_of(albums, one)["refused_tags"] == []


def test_a_collection_has_its_order_again_and_one_that_the_act_made_is_gone(
    albums: Albums, rooms: Rooms
) -> None:
    one, two, three = put(albums, 3)
    with rooms.library.write() as db:
        add_to_collection(db, "Lisbon", ids(rooms, [one, two, three]))
    before = whole(albums)
    with acting(rooms, [two]) as (db, act_id, numbers):
        remove_from_collection(db, "Lisbon", numbers)
        add_to_collection(db, "Best", numbers)
    undo(rooms, act_id)
    assert whole(albums) == before
    with rooms.library.read() as db:
        assert members(db, "Lisbon") == [one, two, three]
    content = json.loads((rooms.folder / "collections.json").read_bytes())
    assert [c["name"] for c in content["collections"]] == ["Lisbon"]


def test_a_collection_that_the_act_made_stays_while_something_else_is_in_it(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = put(albums, 2)
    with acting(rooms, [one]) as (db, act_id, numbers):
        add_to_collection(db, "Best", numbers)
    with rooms.library.write() as db:
        add_to_collection(db, "Best", ids(rooms, [two]))
    undo(rooms, act_id)
    with rooms.library.read() as db:
        assert members(db, "Best") == [two]


def test_what_was_thrown_away_is_back_and_what_was_purged_is_gone_from_the_journal(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = put(albums, 2)
    with acting(rooms, [one, two]) as (db, act_id, _):
        db.execute("update assets set trashed_at = '2024-01-01T00:00:00+00:00'")
    trash.purge(rooms, [two], confirmed=True)
    undone = undo(rooms, act_id)
    assert (undone.assets, undone.left) == (1, 0)
    with rooms.library.read() as db:
        rows = db.execute("select sha, trashed_at from assets").fetchall()
    assert [tuple(row) for row in rows] == [(one, None)]
    assert rooms.audit.entries(sha=one)[0].action == "restored"


def test_an_act_is_undone_once_and_one_that_changed_nothing_is_not_kept(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = put(albums, 1)
    act_id = favourite(rooms, [one])
    undo(rooms, act_id)
    with pytest.raises(Conflict):
        undo(rooms, act_id)
    with acting(rooms, [one]) as (_, nothing, _):
        pass
    with pytest.raises(NotFound):
        undo(rooms, nothing)


def test_corrections_of_times_are_in_the_same_list_and_undone_by_the_same_verb(
    albums: Albums, rooms: Rooms
) -> None:
    one, two = put(albums, 2)
    favourite(rooms, [one])
    done = corrections.correct(rooms, [two], act_of({"act": "set", "to": "2024-05-01T10:00"}))
    with rooms.library.read() as db:
        listed = last_acts(db, 5)
    assert {act.kind for act in listed} == {"test", "times"}
    assert undo(rooms, str(done.id)).assets == 1


def test_undoing_where_it_was_tells_the_zone_and_the_place_again(
    albums: Albums, rooms: Rooms
) -> None:
    (one,) = put(albums, 1)
    with acting(rooms, [one]) as (db, act_id, numbers):
        claim(db, rooms, numbers[0], "location", [38.7, -9.1])
    with rooms.library.write() as db:
        db.execute("update work set state = 'done'")
    undo(rooms, act_id)
    with rooms.library.read() as db:
        rows = db.execute("select step from work where state in ('open', 'waiting')").fetchall()
        (where,) = db.execute("select latitude, longitude from assets").fetchall()
    assert {row["step"] for row in rows} == {"facts", "place", "words"}
    assert tuple(where) == (None, None)


def test_an_undo_that_fails_changes_nothing_and_can_be_tried_again(
    albums: Albums, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = put(albums, 1)
    act_id = favourite(rooms, [one])
    before = whole(albums)

    def break_off(*_: object) -> None:
        raise BadInput("cut off")

    with monkeypatch.context() as patch:
        patch.setattr("albums.curate.undoing.owe_all", break_off)
        with pytest.raises(BadInput):
            undo(rooms, act_id)
    assert whole(albums) == before
    assert undo(rooms, act_id).assets == 1


def test_old_acts_are_forgotten(
    albums: Albums, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = put(albums, 1)
    monkeypatch.setattr(kept, "_MOST", 3)
    for rating in (1, 2, 3, 4, 5):
        with acting(rooms, [one], f"rated {rating}") as (db, _, numbers):
            claim(db, rooms, numbers[0], "rating", rating)
    with rooms.library.read() as db:
        assert [act.words for act in last_acts(db, 9)] == ["rated 5", "rated 4", "rated 3"]
        assert db.execute("select count(*) from act_assets").fetchone()[0] == 3
    with rooms.library.write() as db:
        db.execute("update acts set at = '2001-01-01'")
    favourite(rooms, [one])
    with rooms.library.read() as db:
        assert len(last_acts(db, 9)) == 1


# --- whatever is done

_TAGS = st.lists(st.sampled_from(["sea", "dog", "screenshot"]), max_size=2)
_STEPS = st.one_of(
    st.tuples(st.just("tag"), _TAGS),
    st.tuples(st.just("refuse"), _TAGS),
    st.tuples(st.just("favourite"), st.booleans()),
    st.tuples(st.just("hidden"), st.booleans()),
    st.tuples(st.just("rating"), st.integers(0, 5)),
    st.tuples(st.just("location"), st.just([1.5, 2.5])),
    st.tuples(st.just("captured_at"), st.sampled_from(["2024-05-01T10:00:00", "2001-01-01"])),
    st.tuples(st.just("trash"), st.sampled_from(["2024-01-01T00:00:00+00:00", None])),
    st.tuples(st.just("into"), st.sampled_from(["A", "B"])),
    st.tuples(st.just("out of"), st.sampled_from(["A", "B"])),
)
_SOME = st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)
_DONE = st.lists(st.tuples(_SOME, st.lists(_STEPS, min_size=1, max_size=4)), max_size=3)


def do(db: Any, rooms: Rooms, numbers: list[int], step: tuple[str, Any]) -> None:
    what, value = step
    whole_lists: dict[str, Callable[..., Any]] = {
        "into": add_to_collection, "out of": remove_from_collection,
    }  # fmt: skip
    if what in whole_lists:
        whole_lists[what](db, value, numbers)
        return
    for number in numbers:
        if what == "tag":
            add_tags(db, number, value)
        elif what == "refuse":
            refuse_tags(db, number, value)
        elif what == "trash":
            db.execute("update assets set trashed_at = ? where id = ?", (value, number))
        else:
            claim(db, rooms, number, what, value)


@settings(max_examples=25)
@given(_DONE, _DONE)
def test_whatever_acts_there_were_undone_last_first_the_library_is_as_before(
    first: list[Any], then: list[Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        albums = open_albums(Settings(library=Path(folder), workers=1, time_zone="UTC"))
        rooms = rooms_of(albums)
        shas = put(albums, 4)
        with rooms.library.write() as db:
            for number in ids(rooms, shas):
                replace_tags(db, number, "labels", [("sea", 0.5)])
                replace_tags(db, number, "file", [("dog", 1)])
        for some, steps in first:
            perform(rooms, [shas[n] for n in some], steps)
        before = whole(albums)
        done = [perform(rooms, [shas[n] for n in some], steps) for some, steps in then]
        for act_id in filter(None, reversed(done)):
            assert undo(rooms, act_id).left == 0
        assert whole(albums) == before
        albums.close()


def perform(rooms: Rooms, shas: list[str], steps: list[Any]) -> str | None:
    """Returns the id of the act, or None where it came to nothing."""
    with acting(rooms, shas) as (db, act_id, numbers):
        for step in steps:
            do(db, rooms, numbers, step)
    with rooms.library.read() as db:
        return act_id if kept.act(db, act_id) else None
