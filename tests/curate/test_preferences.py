"""A preference that is cut off anywhere is whole, or was never set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from albums.curate import preferences as curate
from albums.curate.preferences import keep_out_of_timeline
from albums.curate.recovery import recover
from albums.curate.rooms import Rooms
from albums.errors import BadInput
from albums.library import preferences
from albums.vault.durable import replace_synced

KEY = "kept_out_of_timeline"


class Cut(Exception):
    """The plug is pulled here."""


def in_file(rooms: Rooms) -> list[str]:
    content: dict[str, list[str]] = json.loads((rooms.folder / preferences.FILE).read_bytes())
    return content[KEY]


def in_database(rooms: Rooms) -> tuple[str, ...]:
    with rooms.library.read() as db:
        return preferences.kept_out(db)


def test_the_file_holds_what_the_database_holds(rooms: Rooms) -> None:
    assert keep_out_of_timeline(rooms, ["meme", "screenshot", "meme"]) == ("meme", "screenshot")
    assert in_file(rooms) == ["meme", "screenshot"]
    keep_out_of_timeline(rooms, [])
    assert in_file(rooms) == []
    assert in_database(rooms) == ()


def test_what_was_not_committed_is_in_no_file_after_the_next_start(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_out_of_timeline(rooms, ["meme"])

    def written_and_cut(path: Path, content: bytes) -> None:
        replace_synced(path, content)
        raise Cut

    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(curate, "replace_synced", written_and_cut)
        keep_out_of_timeline(rooms, ["receipt"])
    assert in_file(rooms) == ["receipt"]
    rooms.library.was_cut_off = True
    recover(rooms)
    assert in_file(rooms) == ["meme"] == list(in_database(rooms))


def test_what_is_no_look_is_refused(rooms: Rooms) -> None:
    with pytest.raises(BadInput, match="no look"):
        keep_out_of_timeline(rooms, ["selfie"])
    assert not (rooms.folder / preferences.FILE).exists()
