"""A library, and the rooms that a person's verbs are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from albums.assembly import Albums, open_albums
from albums.curate.rooms import Rooms
from albums.settings import Settings


def rooms_of(albums: Albums) -> Rooms:
    return Rooms(
        albums.library,
        albums.vault,
        albums.ledger,
        albums.audit,
        albums.tools.home,
        albums.settings.library,
        "test://person",
    )


@pytest.fixture
def albums(tmp_path: Path) -> Iterator[Albums]:
    albums = open_albums(Settings(library=tmp_path / "library", workers=1, time_zone="UTC"))
    yield albums
    albums.close()


@pytest.fixture
def rooms(albums: Albums) -> Rooms:
    return rooms_of(albums)
