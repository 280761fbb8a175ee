"""Collections that an export has, made before it is said what is in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

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


def put_in_order(
    receiver: Receiver, db: sqlite3.Connection, orders: Mapping[str, Sequence[str]]
) -> None:
    """Name -> SHA-256 of its assets in order; in the caller's transaction. Others come after. What
    the person put in order stays so."""
    for name, shas in orders.items():
        db.execute(
            """with wanted as (select value as sha, key + 1 as position from json_each(?2)),
                    inside as (select asset_id, wanted.position from assets
                               join wanted on wanted.sha = assets.sha
                               join collection_assets on asset_id = assets.id
                               join collections c on c.id = collection_id and c.name = ?1
                               and c.sort != 'hand')
               update collection_assets set position = inside.position from inside
               where collection_assets.asset_id = inside.asset_id
               and collection_id = (select id from collections where name = ?1)""",
            (name, json.dumps(list(dict.fromkeys(shas)))),
        )
    if orders:
        collections.write_file(db, receiver.library.path.parent, replace_synced)
