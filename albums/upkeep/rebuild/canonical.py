"""Everything in a library that cannot be computed again, as one stream of JSON lines.

The same content gives the same bytes: no row ids, sorted, and only times at which something
happened. What steps make from originals (pictures, vectors, labels, places, words) is not in it,
nor is when a device was last seen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from albums.library.collections import all_collections, members
from albums.library.database import Library
from albums.library.device_records import read_rows
from albums.library.facts import FIELDS
from albums.library.imports import import_lines

_BATCH = 500
_COMPUTED = "labels"  # the source of tags that the embedder gives, anew whenever it looks
_BELIEVED = ("captured_at", "captured_utc", "day", "latitude", "longitude", *FIELDS)
_TABLES = (
    ("tombstones", "sha"), ("preferences", "name"), ("rules", "position"), ("receipts", "number"),
    ("audit", "id"),
)  # fmt: skip
_PLAIN = (
    "sha", "name", "folder", "extension", "mime", "kind", "size", "source", "origin",
    "received_at", "trashed_at",
)  # fmt: skip


def canonical_export(library: Library) -> Iterator[str]:
    """`canonical` of one moment, whatever is written meanwhile."""
    with library.read() as db:
        db.execute("begin")
        try:
            db.execute("select 1 from assets limit 1").fetchone()  # the moment is that of reading
            yield from canonical(db)
        finally:
            db.rollback()


def canonical(db: sqlite3.Connection) -> Iterator[str]:
    """One JSON object a line, each with a `type`; assets by their hash, the audit log by number.

    Call inside a read transaction: the stream is as long as the library is large.
    """
    yield _line("canonical", {"version": 1})
    yield from _owner_and_devices(db)
    for asset in _assets(db):
        yield _line("asset", asset)
    for row in all_collections(db):
        yield _line("collection", row | {"assets": members(db, row["name"])})
    for kind, row in import_lines(db):
        yield _line(kind, {"row": row})
    for table, order in _TABLES:
        for row in db.execute(f"select * from {table} order by {order}"):
            yield _line(table, dict(row))


def _line(kind: str, content: dict[str, Any]) -> str:
    return json.dumps(
        {"type": kind} | content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def _owner_and_devices(db: sqlite3.Connection) -> Iterator[str]:
    owner, devices = read_rows(db)
    if owner:
        yield _line("owner", dict(vars(owner)))
    for device in sorted(devices, key=lambda device: device.stable_id):
        known = dict(vars(device))
        del known["last_seen"]
        yield _line("device", known)


def _assets(db: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    last = ""
    while True:
        rows = db.execute(
            "select * from assets where sha > ? order by sha limit ?", (last, _BATCH)
        ).fetchall()
        if not rows:
            return
        yield from _whole(db, rows)
        last = rows[-1]["sha"]


def _whole(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> Iterator[dict[str, Any]]:
    """Assets with what other tables say of them."""
    ids = json.dumps([row["id"] for row in rows])
    said = {name: _by_asset(db.execute(sql, (ids,))) for name, sql in _OF_ASSETS.items()}
    for row in rows:
        columns = set(row.keys())
        asset = {column: row[column] for column in _PLAIN}
        asset["facts"] = {field: row[field] for field in _BELIEVED if field in columns}
        for name, found in said.items():
            asset[name] = [_readable(item) for item in found.get(row["id"], [])]
        yield asset


def _by_asset(rows: Iterable[sqlite3.Row]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        item = dict(row)
        found.setdefault(item.pop("asset_id"), []).append(item)
    return found


def _readable(item: dict[str, Any]) -> Any:
    """A claim's value is JSON within JSON; a row of one column is that column."""
    if "value" in item:
        item["value"] = json.loads(item["value"])
    return next(iter(item.values())) if len(item) == 1 else item


_THESE = "asset_id in (select value from json_each(?))"
_OF_ASSETS = {
    "arrivals": f"""select asset_id, at, source, origin, key, name, folder, size, modified_ns
                    from arrivals where {_THESE}
                    order by at, source, origin, key, name, folder, modified_ns""",
    "claims": f"""select asset_id, field, source, value, confidence, detail
                  from claims where {_THESE} order by field, source""",
    "captions": f"""select asset_id, author, title, description, model, engine, version, written_at
                    from captions where {_THESE} order by author""",
    "tags": f"""select asset_id, tag, source, score from tags
                where {_THESE} and source != '{_COMPUTED}' order by tag, source""",
    "refused_tags": f"select asset_id, tag from refused_tags where {_THESE} order by tag",
}
