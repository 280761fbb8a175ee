"""Collections as a person makes them; `collections.json` in the library folder holds them all.

Where a source put an asset into a collection, its sidecar says so. The file says the rest: names,
order, cover, queries, collections without assets, and (`removed`) what the person took out again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.assets import asset_by_sha, now
from albums.library.collections import (
    FILE,
    SORTS,
    add_to_collection,
    current_name,
    former_names,
    ids_in_order,
    members,
    one_collection,
    put_in_order,
    remove_from_collection,
    removed_in,
    rename,
    shown_in_order,
    write_file,
)
from albums.vault.durable import replace_synced

_LONGEST_NAME = 200
_LONGEST_TEXT = 10_000
_LONGEST_QUERY = 2000


def create(rooms: Rooms, name: str, description: str = "", query: str | None = None) -> str:
    """Make an empty collection, or a smart one that `query` fills; returns its name as it is kept.

    Raises BadInput for an empty name, Conflict when there is one of this name.
    """
    name = clean_name(name)
    query = _question(query)
    with rooms.library.write() as db:
        _expect_free(db, name)
        out = _said_of_another(rooms, db, name)
        db.execute("delete from collection_names where name = ?", (name,))
        db.execute(
            "insert into collections (name, description, created_at, query) values (?, ?, ?, ?)",
            (name, description.strip(), now(), query),
        )
        detail = {"query": query} if query else {}
        rooms.audit.record(db, rooms.actor, "created-collection", collection=name, **detail)
        _write_file(rooms, db, (name, out))
    return name


def change(rooms: Rooms, name: str, said: Mapping[str, str | None]) -> str:
    """Say something else of a collection; returns its name. `said`: name, description, query (of a
    smart one), cover (SHA-256; None: its first), sort (newest, oldest, hand).

    Raises NotFound; BadInput for what makes no sense; Conflict for a name that is taken, and for a
    query where assets were put in by hand.
    """
    with rooms.library.write() as db:
        name = _expect(db, name)
        before = one_collection(db, name) or {}
        columns = {key: _checked(db, before, key, value) for key, value in said.items()}
        news = {key: new for key, new in columns.items() if new != before[key]}
        if not news:
            return name
        for key, new in news.items():
            _set(db, name, key, new)
        former = {key: before[key] for key in news}
        rooms.audit.record(
            db, rooms.actor, "changed-collection", collection=name, was=former, now=news
        )
        if "name" not in news:
            _write_file(rooms, db)
            return name
        _rename(rooms, db, name, str(news["name"]))
        return str(news["name"])


def add(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Put assets at the end of a collection; those in it stay where they are. Returns its size.

    Raises Conflict for a smart one: its query fills it.
    """
    with rooms.library.write() as db:
        name = expect_by_hand(db, name)
        assets = [asset_by_sha(db, sha) for sha in shas]
        add_to_collection(db, name, [asset.id for asset in assets])
        full = [asset.sha for asset in assets]
        rooms.audit.record(db, rooms.actor, "added-to-collection", collection=name, assets=full)
        _write_file(rooms, db)
        return _size(db, name)


def remove(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Take assets out of a collection; they stay in the library. Returns its size."""
    with rooms.library.write() as db:
        name = expect_by_hand(db, name)
        assets = [asset_by_sha(db, sha) for sha in shas]
        remove_from_collection(db, name, [asset.id for asset in assets])
        full = [asset.sha for asset in assets]
        rooms.audit.record(db, rooms.actor, "removed-from-collection", collection=name, assets=full)
        _write_file(rooms, db, (name, full))
        return _size(db, name)


def delete(rooms: Rooms, name: str) -> None:
    """Forget a collection; its assets stay in the library."""
    with rooms.library.write() as db:
        name = _expect(db, name)
        inside = members(db, name)
        out = _said_of(rooms, db, name)
        names = [name, *former_names(db, name)]
        db.execute("delete from collections where name = ?", (name,))
        rooms.audit.record(db, rooms.actor, "deleted-collection", collection=name, assets=inside)
        _write_file(rooms, db, *((each, out) for each in names))


def move(rooms: Rooms, name: str, shas: Sequence[str], before: str | None = None) -> None:
    """Put assets of a collection in front of another of it, or at its end: from now on it is shown
    in the order by hand. The first move begins with the order in which it was shown.

    Raises BadInput for what is not in it, Conflict for a smart one.
    """
    with rooms.library.write() as db:
        name = expect_by_hand(db, name)
        order = ids_in_order(db, name)
        moved = [i for sha in shas for i in _inside(db, name, order, sha)]
        at = order.index(_inside(db, name, order, before)[0]) if before else len(order)
        stay = set(order) - set(moved)
        first, last = ([i for i in part if i in stay] for part in (order[:at], order[at:]))
        put_in_order(db, name, [*first, *dict.fromkeys(moved), *last])
        db.execute("update collections set sort = 'hand' where name = ?", (name,))
        rooms.audit.record(
            db, rooms.actor, "ordered-collection", collection=name, assets=list(shas), before=before
        )
        _write_file(rooms, db)


def move_by(rooms: Rooms, name: str, sha: str, steps: int) -> None:
    """Move one asset of a collection so many places towards its end, or back; at most to it."""
    with rooms.library.read() as db:
        current = expect_by_hand(db, name)
        shown = list(shown_in_order(db, current))
        asset = asset_by_sha(db, sha)
    if asset.sha not in shown:
        raise BadInput(f"{asset.name} is not in the collection {name!r}")
    at = shown.index(asset.sha)
    rest = [other for other in shown if other != asset.sha]
    to = min(max(at + steps, 0), len(rest))
    move(rooms, name, [asset.sha], rest[to] if to < len(rest) else None)


def freeze(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Make a smart collection one by hand, with what its query finds now (`shas`). Returns its
    size."""
    with rooms.library.write() as db:
        name = _expect(db, name)
        found = one_collection(db, name) or {}
        if found["query"] is None:
            raise Conflict(f"The collection {name!r} is filled by hand already")
        add_to_collection(db, name, [asset_by_sha(db, sha).id for sha in shas])
        db.execute("update collections set query = null where name = ?", (name,))
        rooms.audit.record(
            db, rooms.actor, "froze-collection", collection=name, query=found["query"],
            assets=list(shas),
        )  # fmt: skip
        _write_file(rooms, db)
        return _size(db, name)


def _rename(rooms: Rooms, db: sqlite3.Connection, name: str, new: str) -> None:
    """What was taken out stays out under the new name."""
    out = removed_in(rooms.folder / FILE).get(name, set()) | _said_of_another(rooms, db, new)
    rename(db, name, new)
    _write_file(rooms, db, (new, out))


def _said_of_another(rooms: Rooms, db: sqlite3.Connection, name: str) -> set[str]:
    """What sources say is in a collection that was once called so: it is not in that which takes
    the name over."""
    current = current_name(db, name)
    return set() if current == name else _said_of(rooms, db, current)


def _said_of(rooms: Rooms, db: sqlite3.Connection, name: str) -> set[str]:
    """All that a source may say is in it: what is, and what was taken out."""
    return {*members(db, name), *removed_in(rooms.folder / FILE).get(name, set())}


def _set(db: sqlite3.Connection, name: str, key: str, value: Any) -> None:
    if key == "cover":
        sql = "update collections set cover_id = (select id from assets where sha = ?)"
        db.execute(f"{sql} where name = ?", (value, name))
    elif key != "name":
        db.execute(f"update collections set {key} = ? where name = ?", (value, name))


def _checked(
    db: sqlite3.Connection, collection: dict[str, Any], key: str, value: str | None
) -> str | None:
    if key == "cover":
        return asset_by_sha(db, value).sha if value else None
    if key == "query":
        if collection["query"] is None and members(db, collection["name"]):
            raise Conflict(
                f"The collection {collection['name']!r} is filled by hand",
                hint="Save the search as a new collection",
            )
        question = _question(value)
        if question is None and collection["query"] is not None:
            raise BadInput(
                "A smart collection needs a query",
                hint="Freeze it to fill it by hand from now on",
            )
        return question
    if key == "name":
        name = clean_name(value or "")
        if name != collection["name"]:
            _expect_free(db, name)
        return name
    if key == "description":
        if len(value or "") > _LONGEST_TEXT:
            raise BadInput(f"A description has at most {_LONGEST_TEXT} characters")
        return (value or "").strip()
    if key == "sort" and value in SORTS:
        return value
    raise BadInput(
        f"A collection has no {key} {value!r}", hint=f"It can be sorted by {', '.join(SORTS)}"
    )


def _question(query: str | None) -> str | None:
    query = " ".join((query or "").split())
    if len(query) > _LONGEST_QUERY:
        raise BadInput(f"A query has at most {_LONGEST_QUERY} characters")
    return query or None


def clean_name(name: str) -> str:
    """As it is kept. Raises BadInput."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _LONGEST_NAME:
        raise BadInput(f"A collection's name has 1 to {_LONGEST_NAME} characters")
    return cleaned


def _exists(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("select 1 from collections where name = ?", (name,)).fetchone() is not None


def _expect_free(db: sqlite3.Connection, name: str) -> None:
    if _exists(db, name):
        raise Conflict(f"There is already a collection called {name!r}")


def _expect(db: sqlite3.Connection, name: str) -> str:
    """Its name of today."""
    current = current_name(db, name)
    if not _exists(db, current):
        raise NotFound(f"There is no collection called {name!r}")
    return current


def expect_by_hand(db: sqlite3.Connection, name: str) -> str:
    """Its name of today. Raises NotFound, and Conflict for a smart one."""
    name = _expect(db, name)
    found = one_collection(db, name) or {}
    if found["query"] is not None:
        raise Conflict(
            f"The collection {name!r} is filled by its query: {found['query']}",
            hint="Change the query, or freeze the collection to fill it by hand",
        )
    return name


def _inside(db: sqlite3.Connection, name: str, order: Iterable[int], sha: str) -> list[int]:
    """The ids of an asset and of what lies under it in a stack, as far as they are in it."""
    asset = asset_by_sha(db, sha)
    rows = db.execute("select id from assets where id = ?1 or top_id = ?1", (asset.id,))
    these = {row["id"] for row in rows}
    found = [i for i in order if i in these]
    if not found:
        raise BadInput(f"{asset.name} is not in the collection {name!r}")
    return found


def _size(db: sqlite3.Connection, name: str) -> int:
    return len(members(db, name))


def _write_file(
    rooms: Rooms, db: sqlite3.Connection, *taken_out: tuple[str, Iterable[str]]
) -> None:
    write_file(db, rooms.folder, replace_synced, *taken_out)
