"""Collections that an export has, made before it is said what is in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from albums.ingest.receive import Receiver
from albums.library import collections
from albums.vault.durable import replace_synced


def make_collections(receiver: Receiver, db: sqlite3.Connection, wanted: Mapping[str, str]) -> None:
    """Name -> description; in the caller's transaction. What is there stays as it is, and what the
    person deleted, or took something out of, is not made anew."""
    folder = receiver.library.path.parent
    removed = collections.removed_in(folder / collections.FILE)
    for name, description in wanted.items():
        if name not in removed:
            collections.add_to_collection(db, name, [])
            db.execute(
                "update collections set description = ? where name = ? and description = ''",
                (description.strip(), name),
            )
    if wanted:
        collections.write_file(db, folder, replace_synced)
