"""A person's change that is cut off anywhere is whole, or was never made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from albums.assembly import Albums
from albums.curate import assets, collections, trash
from albums.curate.recovery import recover
from albums.curate.rooms import Rooms
from albums.library.collections import FILE
from albums.vault.sidecars import Sidecars
from tests.arrivals import arrival_of


class Cut(Exception):
    """The plug is pulled here."""


def cut(*_: object, **__: object) -> None:
    raise Cut


@pytest.fixture
def sha(albums: Albums) -> str:
    return albums.receiver.receive(arrival_of(b"bytes")).sha


def said(rooms: Rooms, sha: str) -> Any:
    return (rooms.vault.sidecars.read(sha) or {}).get("person")


def test_what_a_cut_left_out_of_the_sidecar_is_written_at_the_next_start(
    rooms: Rooms, sha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Sidecars, "update_all", cut)
        with pytest.raises(Cut):
            assets.edit(rooms, sha, {"title": "Lisbon"}, add=["ana"])
        with pytest.raises(Cut):
            trash.trash(rooms, [sha])
    assert said(rooms, sha) is None
    recover(rooms)
    assert said(rooms, sha)["tags"] == ["ana"]
    assert said(rooms, sha)["caption"]["title"] == "Lisbon"
    assert said(rooms, sha)["trashed_at"]


def test_what_was_not_committed_is_in_no_sidecar(
    rooms: Rooms, sha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms.audit, "record", cut)
    for change in (
        lambda: assets.edit(rooms, sha, {"title": "Lisbon"}),
        lambda: trash.trash(rooms, [sha]),
    ):
        with pytest.raises(Cut):
            change()
    assert said(rooms, sha) is None


def test_a_list_of_collections_that_is_ahead_of_the_database_is_written_again(
    rooms: Rooms, sha: str
) -> None:
    collections.create(rooms, "Summer")
    collections.add(rooms, "Summer", [sha])
    file = rooms.folder / FILE
    before = json.loads(file.read_bytes())
    file.write_text(json.dumps({"collections": [], "removed": {"Summer": [sha]}}))
    rooms.library.was_cut_off = True
    recover(rooms)
    assert json.loads(file.read_bytes()) == before


def test_all_of_several_are_in_their_sidecars_though_the_last_is_unknown(
    rooms: Rooms, sha: str
) -> None:
    with pytest.raises(Exception, match="There is no asset"):
        trash.trash(rooms, [sha, "f" * 64])
    assert said(rooms, sha)["trashed_at"]
