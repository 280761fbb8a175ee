"""What a person says wins, lasts, and is written down twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.curate import assets as curate
from albums.curate.rooms import Rooms
from albums.errors import BadInput, NotFound
from albums.library.assets import asset_by_sha
from albums.library.facts import Claim, add_claims, settle
from albums.library.tags import replace_tags, tags_of
from tests.arrivals import arrival_of


@pytest.fixture
def sha(albums: Albums) -> str:
    return albums.receiver.receive(arrival_of(b"a photo, more or less", "beach.jpg")).sha


def row(rooms: Rooms, sha: str) -> dict[str, Any]:
    with rooms.library.read() as db:
        return dict(db.execute("select * from assets where sha = ?", (sha,)).fetchone())


def persons_part(rooms: Rooms, sha: str) -> dict[str, Any]:
    return dict(json.loads(rooms.vault.sidecars.path(sha).read_bytes())["person"])


def states(rooms: Rooms, sha: str) -> dict[str, str]:
    with rooms.library.read() as db:
        work = rooms.ledger.of(db, asset_by_sha(db, sha).id)
        return {str(w["step"]): str(w["state"]) for w in work}


def test_a_persons_word_beats_a_surer_claim_that_comes_later(rooms: Rooms, sha: str) -> None:
    curate.edit(rooms, sha, {"captured_at": "1999-12-31T23:59:00"})
    with rooms.library.write() as db:
        asset_id = asset_by_sha(db, sha).id
        add_claims(db, asset_id, [Claim("captured_at", "2024-01-01T00:00:00", "exif", 1.0)])
        settle(db, asset_id, rooms.home)
    assert row(rooms, sha)["captured_at"] == "1999-12-31T23:59:00"
    assert row(rooms, sha)["day"] == "1999-12-31"


def test_an_edit_is_in_the_sidecar_before_it_is_answered(rooms: Rooms, sha: str) -> None:
    curate.edit(rooms, sha, {"title": "Swim", "rating": 4}, add=["Ana"], remove=["Cat"])
    part = persons_part(rooms, sha)
    assert {(c["field"], c["value"]) for c in part["claims"]} == {("title", "Swim"), ("rating", 4)}
    assert (part["tags"], part["refused_tags"]) == (["ana"], ["cat"])


def test_an_edit_keeps_what_else_is_in_the_sidecar(rooms: Rooms, sha: str) -> None:
    before = rooms.vault.sidecars.read(sha)
    curate.edit(rooms, sha, {"rating": 4})
    after = rooms.vault.sidecars.read(sha)
    assert before
    assert after
    del after["person"]
    assert after == before


def test_an_edit_makes_the_words_and_the_place_be_looked_up_again(rooms: Rooms, sha: str) -> None:
    def close_all() -> None:
        with rooms.library.write() as db:
            db.execute("update work set state = 'done'")

    close_all()
    curate.edit(rooms, sha, {"title": "Swim"})
    assert {s for s, state in states(rooms, sha).items() if state == "open"} == {"words"}
    close_all()
    curate.edit(rooms, sha, {"location": [38.7, -9.1]})
    assert states(rooms, sha)["facts"] == "open"  # a place tells the zone of a time
    assert states(rooms, sha)["place"] == "waiting"
    assert row(rooms, sha)["latitude"] == 38.7


def test_a_tag_that_was_taken_off_stays_off_until_it_is_put_back(rooms: Rooms, sha: str) -> None:
    def say(*tags: str) -> set[object]:
        with rooms.library.write() as db:
            asset_id = asset_by_sha(db, sha).id
            replace_tags(db, asset_id, "labels", [(tag, 0.9) for tag in tags])
            return {tag["tag"] for tag in tags_of(db, asset_id)}

    assert say("dog", "cat") == {"dog", "cat"}
    curate.edit(rooms, sha, remove=["Cat"])
    assert say("dog", "cat") == {"dog"}
    curate.edit(rooms, sha, add=["cat"])
    assert say("dog", "cat") == {"dog", "cat"}


def test_a_title_alone_leaves_the_models_description(rooms: Rooms, sha: str) -> None:
    with rooms.library.write() as db:
        db.execute(
            """insert into captions (asset_id, author, title, description, written_at)
               values (1, 'model', 'A beach', 'A wet beach.', '2026-01-01')"""
        )
    curate.edit(rooms, sha, {"title": "Swim"})
    curate.edit(rooms, sha, {"rating": 3})
    with rooms.library.read() as db:
        said = db.execute("select * from captions where author = 'person'").fetchone()
    assert (said["title"], said["description"]) == ("Swim", "A wet beach.")
    curate.edit(rooms, sha, {"title": ""})
    with rooms.library.read() as db:
        (left,) = db.execute("select author from captions").fetchall()
    assert left["author"] == "model"


@pytest.mark.parametrize(
    "facts",
    [
        {"rating": 6}, {"rating": True}, {"rating": 2.5}, {"favourite": 1}, {"title": 5},
        {"location": [91, 0]}, {"location": [1]}, {"location": "here"},
        {"location": [float("nan"), 0]}, {"captured_at": "noon"}, {"captured_at": 5},
        {"sha": "0"}, {"title": "x" * 20_000},
    ],
)  # fmt: skip
def test_a_wrong_word_is_refused(rooms: Rooms, sha: str, facts: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        curate.edit(rooms, sha, facts)
    assert len(rooms.audit.entries()) == 1


def test_editing_what_is_not_there_is_refused(rooms: Rooms) -> None:
    with pytest.raises(NotFound):
        curate.edit(rooms, "0" * 64, {"rating": 1})


def test_failed_work_is_tried_again_when_asked(rooms: Rooms, sha: str) -> None:
    with rooms.library.write() as db:
        db.execute("update work set state = 'failed' where step = 'facts'")
    assert curate.retry(rooms, sha) == 1
    assert curate.retry(rooms, sha) == 0
    assert states(rooms, sha)["facts"] == "open"


def test_half_a_character_becomes_a_mark(rooms: Rooms, sha: str) -> None:
    curate.edit(rooms, sha, {"title": "a \ud83d cat", "description": "\udcff"}, add=["\udc00b"])
    said = persons_part(rooms, sha)
    assert said["caption"]["title"] == "a \ufffd cat"
    assert said["tags"] == ["\ufffdb"]
    curate.edit(rooms, sha, {}, remove=["\udc00b"])
    assert persons_part(rooms, sha)["tags"] == []
