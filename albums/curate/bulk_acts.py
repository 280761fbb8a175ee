"""What can be done to many assets at once: each act as a value, read from JSON and said in words.

An act says which assets it would change before it changes any: a preview and the act itself count
the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from albums.curate import trash
from albums.curate.assets import checked
from albums.curate.collections import clean_name, expect_by_hand
from albums.curate.reprocess import in_order, reopen
from albums.curate.rooms import Rooms
from albums.curate.time_acts import Act as TimeAct
from albums.curate.time_acts import act_of as time_act_of
from albums.errors import BadInput
from albums.library.assets import assets_by_id, now
from albums.library.collections import (
    add_to_collection,
    current_name,
    one_collection,
    remove_from_collection,
    write_file,
)
from albums.library.facts import Claim, add_claims, settle_all
from albums.library.looks import LOOKS, hide_kept_out
from albums.library.stacks import bring_up
from albums.library.tags import add_tags, normal_tag, refuse_tags
from albums.vault.durable import replace_synced

Kind = Literal[
    "tags", "favourite", "rating", "private", "place", "times", "collect", "uncollect", "steps",
    "trash", "restore",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
_MOST_TAGS, _LONGEST_TAG = 100, 200
_THESE = "in (select value from json_each(?))"


class BulkAct(Protocol):
    """One act, for any number of assets. `stacks`: what lies in a stack with them is meant, too."""

    @property
    def kind(self) -> Kind: ...

    @property
    def stacks(self) -> bool: ...

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        """Those of these that it would change."""

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        """Change those that are `touched`; what the sidecars then owe is the caller's."""

    def said(self) -> str:
        """ "tagged beach"."""

    def as_json(self) -> dict[str, Any]:
        """The reverse of `bulk_act_of`."""


@dataclass(frozen=True)
class Tags:
    """The person says some and takes others off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    kind: Kind = "tags"
    stacks: bool = False

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        said = "select count(*) from tags where asset_id = id and source = 'person'"
        return _chosen(
            db,
            ids,
            f"""({said} and tag in (select value from json_each(?2))) < json_array_length(?2)
                or exists (select 1 from tags where asset_id = id
                           and tag in (select value from json_each(?3)))""",
            json.dumps(self.add),
            json.dumps(self.remove),
        )

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        welcome = _chosen(
            db,
            ids,
            """exists (select 1 from refused_tags where asset_id = id
                       and tag in (select value from json_each(?2)))""",
            json.dumps(self.add),
        )
        for step in ("facts", "look", "record"):  # the machine may say them again
            rooms.ledger.reopen(db, step, welcome)
        for asset_id in ids:
            add_tags(db, asset_id, self.add)
        for asset_id, tag in self._on(db, ids):
            refuse_tags(db, asset_id, [tag])
        if {*self.add, *self.remove} & set(LOOKS):
            hide_kept_out(db, ids, rooms.home)
        rooms.ledger.reopen(db, "words", ids)

    def _on(self, db: sqlite3.Connection, ids: Sequence[int]) -> list[tuple[int, str]]:
        """Those to be taken off that are there: what is not on it need not be refused."""
        rows = db.execute(
            f"select distinct asset_id, tag from tags where asset_id {_THESE} and tag {_THESE}",
            (json.dumps(ids), json.dumps(self.remove)),
        )
        return [(row["asset_id"], row["tag"]) for row in rows]

    def said(self) -> str:
        parts = [f"tagged {', '.join(self.add)}"] if self.add else []
        parts += [f"not tagged {', '.join(self.remove)} any more"] if self.remove else []
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "add": list(self.add), "remove": list(self.remove)}


@dataclass(frozen=True)
class Say:
    """The person says one thing of all; `value` None takes back what they said before."""

    kind: Kind
    field: str
    value: Any
    stacks: bool

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        if self.value is None:
            said = "select 1 from claims where asset_id = id and field = ?2 and source = 'person'"
            return _chosen(db, ids, f"exists ({said})", self.field)
        columns = _COLUMNS[self.field](self.value)
        differs = " or ".join(f"{column} is not ?{n}" for n, column in enumerate(columns, 2))
        return _chosen(db, ids, differs, *columns.values())

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        if self.value is None:
            self._take_back(rooms, db, ids)
        else:
            self._say(db, ids)
        bring_up(db, ids)  # by some of it the top of a stack is chosen
        if self.field != "location":
            return
        for step in ("facts", "place", "words"):  # where it was tells the zone of its time
            rooms.ledger.reopen(db, step, ids)

    def _say(self, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        """The person's word wins, so that it need not be weighed."""
        claim = Claim(self.field, self.value, "person", 1.0)
        for asset_id in ids:
            add_claims(db, asset_id, [claim])
        columns = _COLUMNS[self.field](self.value)
        assignments = ", ".join(f"{column} = ?{n}" for n, column in enumerate(columns, 2))
        db.execute(
            f"update assets set {assignments} where id in (select value from json_each(?1))",
            (json.dumps(ids), *columns.values()),
        )

    def _take_back(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        db.execute(
            f"delete from claims where asset_id {_THESE} and field = ? and source = 'person'",
            (json.dumps(ids), self.field),
        )
        settle_all(db, ids, rooms.home)

    def said(self) -> str:
        if self.value is None:
            return f"{self.kind} taken back"
        return _SAID[self.kind](self.value)

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value}


@dataclass(frozen=True)
class Collect:
    """Into a collection, which is made where it is new, or out of it."""

    kind: Literal["collect", "uncollect"]
    name: str
    stacks: bool = False

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        if self.kind == "uncollect" or one_collection(db, self.name):
            expect_by_hand(db, self.name)
        inside = """exists (select 1 from collection_assets join collections on collection_id =
                    collections.id where asset_id = assets.id and collections.name = ?2)"""
        wanted = inside if self.kind == "uncollect" else f"not {inside}"
        return _chosen(db, ids, wanted, current_name(db, self.name))

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        name = current_name(db, self.name)
        if self.kind == "collect":
            add_to_collection(db, name, ids)
            write_file(db, rooms.folder, replace_synced)
        else:
            remove_from_collection(db, name, ids)
            out = [asset.sha for asset in assets_by_id(db, ids)]
            write_file(db, rooms.folder, replace_synced, (name, out))

    def said(self) -> str:
        return f"{'added to' if self.kind == 'collect' else 'taken out of'} “{self.name}”"

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "collection": self.name}


@dataclass(frozen=True)
class Throw:
    """Into the trash or out of it, with what belongs to it."""

    kind: Literal["trash", "restore"]
    stacks: bool = True

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        there = "trashed_at is not null" if self.kind == "restore" else "trashed_at is null"
        return _chosen(db, trash.with_films(db, ids), there)

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        trash.move(rooms, db, ids, now() if self.kind == "trash" else None)

    def said(self) -> str:
        return "put into the trash" if self.kind == "trash" else "restored from the trash"

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind}


@dataclass(frozen=True)
class Redo:
    """Steps of the pipeline are done again. There is nothing in it to be undone."""

    steps: tuple[str, ...]
    kind: Kind = "steps"
    stacks: bool = True

    def touched(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
        in_order(rooms, self.steps)
        return list(ids)

    def do(self, rooms: Rooms, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        reopen(rooms, db, self.steps, ids)

    def said(self) -> str:
        return f"{', '.join(self.steps)} to be done again"

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "steps": list(self.steps)}


@dataclass(frozen=True)
class Times:
    """A correction of times: curate/corrections.py does it, and keeps its own journal."""

    act: TimeAct
    kind: Kind = "times"


def bulk_act_of(content: Mapping[str, Any]) -> BulkAct | Times:
    """{"kind": "tags", "add": [...], "remove": [...]}; {"kind": "favourite" or "private", "value":
    true or false}; {"kind": "rating", "value": 0..5 or null}; {"kind": "place", "value":
    [latitude, longitude] or null}; {"kind": "collect" or "uncollect", "collection": name};
    {"kind": "steps", "steps": [...]}; {"kind": "trash" or "restore"}; {"kind": "times", "act":
    ...} as curate/time_acts.py reads it. Raises BadInput with a sentence."""
    kind = content.get("kind")
    if kind == "tags":
        return _tags(content)
    if kind in _FIELDS:
        field, stacks, may_take_back = _FIELDS[kind]
        value = checked(field, content.get("value"))
        if value is None and not may_take_back:
            raise BadInput(f"{kind} must be true or false")
        return Say(kind, field, value, stacks)
    if kind in ("collect", "uncollect"):
        return Collect(kind, clean_name(str(content.get("collection") or "")))
    if kind in ("trash", "restore"):
        return Throw(kind)
    if kind == "steps":
        return Redo(tuple(dict.fromkeys(content.get("steps") or ())))
    if kind == "times":
        return Times(time_act_of(content))
    raise BadInput(f"{kind!r} cannot be done to many at once", hint=f"What can: {', '.join(KINDS)}")


def _tags(content: Mapping[str, Any]) -> Tags:
    add, remove = (
        tuple(dict.fromkeys(filter(None, map(normal_tag, content.get(key) or ()))))
        for key in ("add", "remove")
    )
    if not add and not remove:
        raise BadInput("No tag is named", hint="Write some, with commas between them")
    if both := set(add) & set(remove):
        raise BadInput(f"{min(both)} cannot be added and taken off at once")
    if len(add) + len(remove) > _MOST_TAGS or max(map(len, add + remove)) > _LONGEST_TAG:
        raise BadInput(f"At most {_MOST_TAGS} tags at once, of {_LONGEST_TAG} characters each")
    return Tags(add, remove)


def _chosen(
    db: sqlite3.Connection, ids: Sequence[int], condition: str, *values: object
) -> list[int]:
    """Those of `ids` for which a condition on `assets` holds, in the same order."""
    rows = db.execute(
        f"""select id from (select value as listed, key as place from json_each(?1))
            join assets on id = listed where {condition} order by place""",
        (json.dumps(ids), *values),
    )
    return [row["id"] for row in rows]


# Of which field, whether a whole stack is meant, whether it can be taken back.
_FIELDS: dict[Kind, tuple[str, bool, bool]] = {
    "favourite": ("favourite", False, False),
    "rating": ("rating", False, True),
    "private": ("hidden", True, False),  # else the next one in the stack would be shown
    "place": ("location", True, True),
}
_COLUMNS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "favourite": lambda value: {"favourite": int(value)},
    "hidden": lambda value: {"hidden": int(value)},
    "rating": lambda value: {"rating": value},
    "location": lambda value: {"latitude": value[0], "longitude": value[1]},
}
_SAID: dict[Kind, Callable[[Any], str]] = {
    "favourite": lambda value: "made favourites" if value else "no favourites any more",
    "rating": lambda value: f"rated {value} of 5",
    "private": lambda value: "made private" if value else "not private any more",
    "place": lambda value: f"placed at {value[0]:.4f}, {value[1]:.4f}",
}
