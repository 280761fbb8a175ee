"""What a person says of an asset, and what they throw away.

Each change is one transaction, and is in the sidecar (the part `person`) before it is answered:
files stay the whole truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library import tombstones
from albums.library.assets import Asset, asset_by_sha, now, present
from albums.library.collections import write_file
from albums.library.facts import Claim, add_claims, claims_of, settle
from albums.library.tags import add_tags, normal_tag, refuse_tags, refused_tags
from albums.library.when import iso_moment
from albums.vault.durable import replace_synced

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
    said = {field: _checked(field, value) for field, value in (facts or {}).items()}
    added, removed = list(add), list(remove)
    with rooms.library.write() as db:
        asset = asset_by_sha(db, sha)
        _claim(db, asset.id, said)
        if set(map(normal_tag, added)) & set(refused_tags(db, asset.id)):
            rooms.ledger.reopen(db, "facts", [asset.id])  # the file may say them, too
        add_tags(db, asset.id, added)
        refuse_tags(db, asset.id, removed)
        if {"title", "description"} & said.keys():
            _write_caption(db, asset.id)
        settle(db, asset.id, rooms.home)
        _reopen(rooms, db, asset.id, said)
        detail = said | {"tags_added": added, "tags_removed": removed}
        rooms.audit.record(
            db, rooms.actor, "edited", asset.sha, **{k: v for k, v in detail.items() if v != []}
        )
        _record(rooms, db, asset)
    return asset


def trash(rooms: Rooms, shas: Sequence[str]) -> list[Asset]:
    """Put assets aside: out of every list, bytes untouched, until `restore` or `purge`."""
    return [_set_trashed(rooms, sha, now()) for sha in shas]


def restore(rooms: Rooms, shas: Sequence[str]) -> list[Asset]:
    """Take assets out of the trash, with all that belonged to them. Raises NotFound."""
    return [_set_trashed(rooms, sha, None) for sha in shas]


def purge(rooms: Rooms, shas: Sequence[str], *, confirmed: bool) -> int:
    """Delete trashed assets for good: row, pictures, sidecar and original.

    The hash is remembered, so that nothing brings them back by itself. Raises BadInput without
    `confirmed`, Conflict for an asset that is not in the trash. Returns bytes freed of originals.
    """
    if not confirmed:
        raise BadInput("Deleting for good cannot be undone", hint="Confirm it to go on")
    with rooms.library.write() as db:
        assets = [asset_by_sha(db, sha) for sha in shas]
        for asset in assets:
            _refuse_untrashed(db, asset)
            tombstones.bury(db, asset, rooms.actor)
            db.execute("delete from assets where id = ?", (asset.id,))
            rooms.audit.record(db, rooms.actor, "purged", asset.sha, name=asset.name)
        write_file(db, rooms.folder, replace_synced)
        _write_tombstones(rooms, db)
    _remove_files(rooms, assets)
    return sum(asset.size for asset in assets)


def _remove_files(rooms: Rooms, assets: Sequence[Asset]) -> None:
    """The files of what is gone from the library. The writer is held: nothing comes in meanwhile,
    and what the owner took in again since then keeps its files."""
    with rooms.library.write() as db:
        here = present(db, [asset.sha for asset in assets])
        for asset in assets:
            if asset.sha not in here:
                rooms.vault.pictures.remove(asset.sha)
                rooms.vault.sidecars.path(asset.sha).unlink(missing_ok=True)
                rooms.vault.originals.path(asset.sha, asset.extension).unlink(missing_ok=True)


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


def _write_caption(db: sqlite3.Connection, asset_id: int) -> None:
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


def _reopen(rooms: Rooms, db: sqlite3.Connection, asset_id: int, said: Mapping[str, Any]) -> None:
    if "location" in said:
        rooms.ledger.reopen(db, "place", [asset_id])
    rooms.ledger.reopen(db, "words", [asset_id])


def _set_trashed(rooms: Rooms, sha: str, at: str | None) -> Asset:
    with rooms.library.write() as db:
        _refuse_purged(db, sha)
        asset = asset_by_sha(db, sha)
        changed = db.execute(
            "update assets set trashed_at = ? where id = ? and (trashed_at is null) = (? is null)",
            (at, asset.id, None if at else "in the trash"),
        ).rowcount
        if changed:
            rooms.audit.record(db, rooms.actor, "trashed" if at else "restored", asset.sha)
            _record(rooms, db, asset)
    return asset


def _refuse_purged(db: sqlite3.Connection, sha: str) -> None:
    row = db.execute("select name, deleted_at from tombstones where sha = ?", (sha,)).fetchone()
    if row:
        raise NotFound(
            f"{row['name']} was deleted by you on {row['deleted_at'][:10]}",
            why="Its bytes are gone for good",
            hint="Send it again with again=true, or import it with `albums import --again`",
            deleted_at=row["deleted_at"],
        )


def _refuse_untrashed(db: sqlite3.Connection, asset: Asset) -> None:
    row = db.execute("select trashed_at from assets where id = ?", (asset.id,)).fetchone()
    if row["trashed_at"] is None:
        raise Conflict(f"{asset.name} is not in the trash", hint="Put it into the trash first")


def _record(rooms: Rooms, db: sqlite3.Connection, asset: Asset) -> None:
    """Into the sidecar before the commit: a power cut may lose what nobody was promised, only."""
    part = said_by_person(db, asset.id)

    def put(content: dict[str, Any]) -> None:
        content["person"] = part
        if "machine" in content:  # what was taken off does not come back with the machine's word
            found = content["machine"]["tags"]
            content["machine"]["tags"] = [t for t in found if t["tag"] not in part["refused_tags"]]

    rooms.vault.sidecars.update(asset.sha, put)


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


def _write_tombstones(rooms: Rooms, db: sqlite3.Connection) -> None:
    replace_synced(rooms.folder / tombstones.FILE, tombstones.as_file(db))


def _checked(field: str, value: Any) -> Any:
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
    return value.strip()


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
