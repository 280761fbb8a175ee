"""The rooms that a person's verbs are given."""

from __future__ import annotations

from albums.assembly import Albums
from albums.curate.rooms import Rooms


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
