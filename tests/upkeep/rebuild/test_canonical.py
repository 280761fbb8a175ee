"""The canonical export: the same content gives the same bytes, all of one moment."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from albums.assembly import Albums
from albums.curate import assets as curate
from albums.curate.rooms import Rooms
from albums.library.tags import replace_tags
from albums.upkeep.rebuild import canonical_export
from tests.arrivals import arrival_of
from tests.curate.conftest import albums, rooms, rooms_of

__all__ = ["albums", "rooms"]


def take_in(albums: Albums, count: int) -> list[str]:
    return [
        albums.receiver.receive(arrival_of(f"text {n}".encode(), f"{n}.txt")).sha
        for n in range(count)
    ]


def exported(albums: Albums) -> list[dict[str, object]]:
    return [json.loads(line) for line in canonical_export(albums.library)]


def test_assets_stand_in_the_order_of_their_hashes(albums: Albums) -> None:
    take_in(albums, 20)
    shas = [str(row["sha"]) for row in exported(albums) if row["type"] == "asset"]
    assert len(shas) == 20
    assert all(a < b for a, b in pairwise(shas))


def test_what_is_written_meanwhile_is_not_in_it(albums: Albums) -> None:
    take_in(albums, 3)
    before = list(canonical_export(albums.library))
    lines = canonical_export(albums.library)
    began = [next(lines)]
    sha = albums.receiver.receive(arrival_of(b"meanwhile")).sha
    curate.edit(rooms_of(albums), sha, {"title": "Late"})
    assert began + list(lines) == before
    assert list(canonical_export(albums.library)) != before


def test_every_change_of_a_person_shows(albums: Albums, rooms: Rooms) -> None:
    [sha] = take_in(albums, 1)
    seen = {tuple(canonical_export(albums.library))}
    edits: list[dict[str, Any]] = [{"title": "x"}, {"rating": 3}, {"hidden": True}, {"title": ""}]
    for number, said in enumerate(edits):
        curate.edit(rooms, sha, said, add=[f"tag {number}"])
        seen.add(tuple(canonical_export(albums.library)))
    assert len(seen) == 5


def test_what_models_see_anew_is_left_out(albums: Albums) -> None:
    take_in(albums, 1)
    before = exported(albums)
    with albums.library.write() as db:
        replace_tags(db, 1, "labels", [("dog", 0.7)])
    assert exported(albums) == before


def test_an_export_that_nobody_reads_to_its_end_holds_nothing_up(albums: Albums) -> None:
    take_in(albums, 2)
    lines = canonical_export(albums.library)
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    with albums.library.read() as db:
        assert not db.in_transaction
