"""What a person's changes left half done when the box was cut off, brought to its end."""

from __future__ import annotations

from albums.curate.rooms import Rooms
from albums.curate.sidecars import pay
from albums.curate.trash import finish_purges
from albums.library import collections, preferences, rules, tombstones
from albums.vault.durable import replace_synced


def recover(rooms: Rooms) -> None:
    """Call at the start, before anybody asks for anything. A full disk does not keep it from it."""
    with rooms.vault.reserve.lent():
        _recover(rooms)


def _recover(rooms: Rooms) -> None:
    pay(rooms)
    finish_purges(rooms)
    if rooms.library.was_cut_off:  # these files are written before the commit, and may be ahead
        with rooms.library.write() as db:
            collections.write_file(db, rooms.folder, replace_synced)
            replace_synced(rooms.folder / tombstones.FILE, tombstones.as_file(db))
            replace_synced(rooms.folder / preferences.FILE, preferences.as_file(db))
            replace_synced(rooms.folder / rules.FILE, rules.as_file(db))
