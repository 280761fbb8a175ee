"""What a person says of an asset.

Each change is one transaction, and is in the sidecar (the part `person`) before it is answered:
files stay the whole truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe, pay
from albums.errors import BadInput
from albums.library.assets import Asset, asset_by_sha, now
from albums.library.facts import Claim, add_claims, claims_of, settle
from albums.library.looks import LOOKS, hide_kept_out
from albums.library.tags import add_tags, normal_tag, refuse_tags, refused_tags
from albums.library.when import iso_moment

_LONGEST_TEXT = 10_000


def edit(
    rooms: Rooms,
    sha: str,
    facts: Mapping[str, Any] | None = None,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Asset:
    """Write down what the person says; it wins over everything else from now on.

    `facts`: captured_at, location, title, description, rating, favourite, hidden; None takes back
    what the person said before. `add` and `remove` are tags. Raises BadInput, NotFound.
    """
    said = {field: checked(field, value) for field, value in (facts or {}).items()}
    added, removed = list(map(_speakable, add)), list(map(_speakable, remove))
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        _claim(db, asset.id, said)
        if set(map(normal_tag, added)) & set(refused_tags(db, asset.id)):
            for step in ("facts", "look", "record"):  # the machine may say them, too
                rooms.ledger.reopen(db, step, [asset.id])
        add_tags(db, asset.id, added)
        refuse_tags(db, asset.id, removed)
        if {"title", "description"} & said.keys():
            write_caption(db, asset.id)
        if set(map(normal_tag, [*added, *removed])) & set(LOOKS):
            hide_kept_out(db, [asset.id], rooms.home)
        settle(db, asset.id, rooms.home)
        reopen_after(rooms, db, asset.id, said)
        detail = said | {"tags_added": added, "tags_removed": removed}
        rooms.audit.record(
            db, rooms.actor, "edited", asset.sha, **{k: v for k, v in detail.items() if v != []}
        )
        owe(db, asset)
    pay(rooms)
    return asset


def retry(rooms: Rooms, sha: str | None = None, step: str | None = None) -> int:
    """Try failed work again, of one asset (there also what was done with a warning) or one step or
    all. Returns how many pieces."""
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha) if sha else None
        opened = rooms.ledger.retry(db, step, asset.id if asset else None)
        if opened:
            full = asset.sha if asset else None
            rooms.audit.record(db, rooms.actor, "retried", full, step=step, pieces=opened)
    return opened


def _claim(db: sqlite3.Connection, asset_id: int, said: Mapping[str, Any]) -> None:
    db.executemany(
        "delete from claims where asset_id = ? and field = ? and source = 'person'",
        [(asset_id, field) for field, value in said.items() if value is None],
    )
    add_claims(
        db,
        asset_id,
        [Claim(field, value, "person", 1.0) for field, value in said.items() if value is not None],
    )


def write_caption(db: sqlite3.Connection, asset_id: int) -> None:
    """The person's caption: what they claim, and the model's word where they say nothing."""
    said = {c.field: c.value for c in claims_of(db, asset_id) if c.source == "person"}
    db.execute("delete from captions where asset_id = ? and author = 'person'", (asset_id,))
    if "title" not in said and "description" not in said:
        return
    row = db.execute(
        "select title, description from captions where asset_id = ?", (asset_id,)
    ).fetchone()
    whole = (dict(row) if row else {"title": "", "description": ""}) | said
    db.execute(
        """insert into captions (asset_id, author, title, description, written_at)
           values (?, 'person', ?, ?, ?)""",
        (asset_id, whole["title"], whole["description"], now()),
    )


def reopen_after(
    rooms: Rooms, db: sqlite3.Connection, asset_id: int, said: Mapping[str, Any]
) -> None:
    """What these facts outdate is found out again."""
    if "location" in said:
        rooms.ledger.reopen(db, "facts", [asset_id])  # where it was tells the zone of its time
        rooms.ledger.reopen(db, "place", [asset_id])
    if "captured_at" in said:
        rooms.ledger.reopen(db, "zone", [asset_id])  # a time that was wrong tells others nothing
    rooms.ledger.reopen(db, "words", [asset_id])


def checked(field: str, value: Any) -> Any:
    """What a person may say of `field`, as it is kept; None takes back. Raises BadInput."""
    if field not in _CHECKS:
        raise BadInput(
            f"{field} cannot be edited", hint=f"What can be edited: {', '.join(_CHECKS)}, tags"
        )
    if value is None or value == "":
        return None
    return _CHECKS[field](field, value)


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise BadInput(f"{field} must be text of at most {_LONGEST_TEXT} characters")
    return _speakable(value).strip()


def _speakable(text: str) -> str:
    """Half a character (a lone surrogate) cannot be kept anywhere: a mark in its place."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def _moment(field: str, value: Any) -> str:
    return iso_moment(value if isinstance(value, str) else repr(value), field)


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(f"{field} must be true or false")
    return value


def _rating(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 5:
        raise BadInput(f"{field} must be a whole number from 0 to 5")
    return value


def _location(field: str, value: Any) -> list[float]:
    try:
        latitude, longitude = (float(degrees) for degrees in value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{field} must be latitude and longitude in degrees") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise BadInput(
            f"{field} = {latitude}, {longitude} is not on Earth",
            hint="Latitude lies within -90..90, longitude within -180..180",
        )
    return [latitude, longitude]


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "captured_at": _moment,
    "location": _location,
    "title": _text,
    "description": _text,
    "rating": _rating,
    "favourite": _flag,
    "hidden": _flag,
}
