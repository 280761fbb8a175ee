"""What the person said goes into the sidecar of its asset, right after the database has it.

A sidecar never says what the database does not; what a cut leaves unwritten is noted in the same
transaction as the change, and written at the next start. Acknowledged is what both have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Any

from albums.curate.rooms import Rooms
from albums.library.assets import Asset, now
from albums.library.facts import claims_of
from albums.library.tags import refused_tags
from albums.vault.durable import make_folder

_AT_ONCE = 500  # sidecars for which the writer is held: uploads do not wait for thousands


def owe(db: sqlite3.Connection, asset: Asset) -> None:
    """In the transaction of a change: the sidecar is behind from now on, until `pay`."""
    db.execute("insert or ignore into owed_sidecars (asset_id) values (?)", (asset.id,))


def owe_all(db: sqlite3.Connection, asset_ids: Iterable[int]) -> None:
    """`owe` of many."""
    db.executemany(
        "insert or ignore into owed_sidecars (asset_id) values (?)", [(i,) for i in asset_ids]
    )


def pay(rooms: Rooms) -> int:
    """Write every sidecar that is behind. Returns how many. Raises OSError or DamagedSidecar; then
    what was not written stays owed.

    The writer is held for some at a time: nobody purges an asset, or says more of it, meanwhile.
    What the database has had room for has room here.
    """
    written = 0
    while paid := _pay_some(rooms):
        written += paid
    return written


def _pay_some(rooms: Rooms) -> int:
    with rooms.vault.reserve.lent(), rooms.library.write(durable=False) as db:
        owed = db.execute(
            "select id, sha from owed_sidecars join assets on assets.id = asset_id limit ?",
            (_AT_ONCE,),
        ).fetchall()
        changes = {row["sha"]: partial(_put, said_by_person(db, row["id"])) for row in owed}
        for sha in changes:
            make_folder(rooms.vault.sidecars.path(sha).parent)  # it may be lost with the original
        _, damaged = rooms.vault.sidecars.update_all(changes)
        if damaged:
            raise damaged[0]
        db.executemany("delete from owed_sidecars where asset_id = ?", [(r["id"],) for r in owed])
    return len(owed)


def _put(said: dict[str, Any], content: dict[str, Any]) -> None:
    content["person"] = said
    if "machine" in content:  # what was taken off does not come back with the machine's word
        found = content["machine"]["tags"]
        content["machine"]["tags"] = [t for t in found if t["tag"] not in said["refused_tags"]]


def said_by_person(db: sqlite3.Connection, asset_id: int) -> dict[str, Any]:
    """The sidecar's part `person`: claims, caption, tags, tags taken off, whether it is in the
    trash. The caption is the whole one, with what the model said where the person said nothing."""
    row = db.execute("select trashed_at from assets where id = ?", (asset_id,)).fetchone()
    tags = db.execute(
        "select tag from tags where asset_id = ? and source = 'person' order by tag", (asset_id,)
    )
    caption = db.execute(
        """select title, description, written_at from captions
           where asset_id = ? and author = 'person'""",
        (asset_id,),
    ).fetchone()
    return {
        "caption": dict(caption) if caption else None,
        "claims": [c.as_json() for c in claims_of(db, asset_id) if c.source == "person"],
        "tags": [tag["tag"] for tag in tags],
        "refused_tags": refused_tags(db, asset_id),
        "trashed_at": row["trashed_at"],
        "at": now(),
    }
