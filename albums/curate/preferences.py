"""What the person likes: it takes effect on the whole library at once, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterable

from albums.curate.rooms import Rooms
from albums.errors import BadInput
from albums.library import preferences
from albums.library.looks import LOOKS, hide_kept_out, with_look
from albums.vault.durable import replace_synced


def keep_out_of_timeline(rooms: Rooms, looks: Iterable[str]) -> tuple[str, ...]:
    """The timeline shows everything but assets with these looks. Returns them.

    What the person said of one asset stands. Raises BadInput for what is no look.
    """
    wanted = set(looks)
    for look in wanted - set(LOOKS):
        raise BadInput(f"{look!r} is no look", hint=f"There are: {', '.join(LOOKS)}")
    with rooms.vault.reserve.lent(), rooms.library.write() as db:
        before = set(preferences.kept_out(db))
        if changed := before ^ wanted:
            preferences.keep_out(db, wanted)
            hide_kept_out(db, with_look(db, changed), rooms.home)
            rooms.audit.record(
                db, rooms.actor, "changed-preferences",
                kept_out_of_timeline=sorted(wanted), before=sorted(before),
            )  # fmt: skip
            replace_synced(rooms.folder / preferences.FILE, preferences.as_file(db))
        return preferences.kept_out(db)
