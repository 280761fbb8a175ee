"""What the best copy takes over from the others, so that nothing is lost that somebody said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from albums.curate.assets import reopen_after, write_caption
from albums.curate.rooms import Rooms
from albums.library.assets import Asset
from albums.library.collections import write_file
from albums.library.facts import Claim, add_claims, claims_of, people_in, rank, settle
from albums.library.looks import LOOKS, hide_kept_out
from albums.library.tags import add_tags, refused_tags
from albums.vault.durable import replace_synced

_Claims = dict[str, list[Claim]]  # by field, best believed first
_BETTER = ("captured_at", "location")  # whoever is believed most
_WORDS = ("title", "description")  # the person's, and anybody's where there are none


def take_over(
    rooms: Rooms, db: sqlite3.Connection, kept: Asset, copies: Sequence[Asset]
) -> list[str]:
    """Inside the caller's transaction: all that was said of `copies` and not of `kept`. Returns
    what that was, for the log. Then `owe` and `pay`."""
    mine, theirs = _claims(db, kept), [(copy, _claims(db, copy)) for copy in copies]
    said = {claim.field: claim for claim in _said(mine, theirs)}
    add_claims(db, kept.id, said.values())
    taken = list(said)
    if tags := _tags(db, kept, copies):
        add_tags(db, kept.id, tags)
        if set(tags) & set(LOOKS):
            hide_kept_out(db, [kept.id], rooms.home)
        taken.append("tags")
    if set(_WORDS) & said.keys():
        write_caption(db, kept.id)
    settle(db, kept.id, rooms.home)
    reopen_after(rooms, db, kept.id, said)
    if _collect(db, kept, copies):
        write_file(db, rooms.folder, replace_synced)
        taken.append("collections")
    return taken


def _claims(db: sqlite3.Connection, asset: Asset) -> _Claims:
    found: _Claims = {}
    for claim in claims_of(db, asset.id):
        found.setdefault(claim.field, []).append(claim)
    return found


def _said(mine: _Claims, theirs: Sequence[tuple[Asset, _Claims]]) -> Iterator[Claim]:
    """What the person says of the one that is kept from now on."""
    for field in _BETTER:
        best = _best(field, mine, theirs)
        if best:
            yield best
    for field in _WORDS:
        best = _best(field, mine, theirs)
        if best and (field not in mine or _is_persons(best, theirs)):
            yield best
    for field in ("favourite", "hidden", "rating"):
        yield from _most(field, mine, theirs)
    if people := _people(mine, theirs):
        yield people


def _people(mine: _Claims, theirs: Sequence[tuple[Asset, _Claims]]) -> Claim | None:
    """With those whom the person named before: they say one list of an asset."""
    said = mine.get("people", [])
    others = {name for _, its in theirs for name in people_in(its.get("people", []))}
    new = others - set(people_in(said))
    if not new:
        return None
    by_person = {name for claim in said if claim.source == "person" for name in claim.value}
    return _as_said("people", sorted(by_person | new), theirs[0][0], None)


def _best(field: str, mine: _Claims, theirs: Sequence[tuple[Asset, _Claims]]) -> Claim | None:
    """Of the copy that is believed more than the one that is kept."""
    said = [(claims[field][0], copy) for copy, claims in theirs if claims.get(field)]
    said = [(claim, copy) for claim, copy in said if claim.value not in (None, "")]
    if not said:
        return None
    claim, copy = max(said, key=lambda pair: rank(pair[0]))
    if field in mine and rank(claim)[:2] <= rank(mine[field][0])[:2]:
        return None
    return _as_said(field, claim.value, copy, claim.source)


def _is_persons(best: Claim, theirs: Sequence[tuple[Asset, _Claims]]) -> bool:
    return any(
        claim.source == "person" and claim.value == best.value
        for _, claims in theirs
        for claim in claims[best.field]
    )


def _most(field: str, mine: _Claims, theirs: Sequence[tuple[Asset, _Claims]]) -> Iterator[Claim]:
    """A favourite stays one, the most stars stay, and what the person made private stays so."""
    said = [(claims[field][0], copy) for copy, claims in theirs if claims.get(field)]
    if field == "hidden":
        said = [(claim, copy) for claim, copy in said if claim.source == "person"]
    claim, copy = max(said, key=lambda pair: pair[0].value or 0, default=(None, None))
    before = mine[field][0].value if mine.get(field) else 0
    if claim and copy and (claim.value or 0) > (before or 0):
        yield _as_said(field, claim.value, copy, claim.source)


def _as_said(field: str, value: Any, copy: Asset, source: str | None) -> Claim:
    by = f" ({source})" if source else ""
    return Claim(field, value, "person", 1.0, f"taken over from the copy {copy.name}{by}")


def _tags(db: sqlite3.Connection, kept: Asset, copies: Sequence[Asset]) -> list[str]:
    """What the person or a file said of a copy; models look at the one that is kept themselves."""
    rows = db.execute(
        f"""select distinct tag from tags where source in ('person', 'file')
            and asset_id in ({", ".join("?" * len(copies))})
            and tag not in (select tag from tags where asset_id = ?) order by tag""",
        (*(copy.id for copy in copies), kept.id),
    )
    refused = set(refused_tags(db, kept.id))
    return [row["tag"] for row in rows if row["tag"] not in refused]


def _collect(db: sqlite3.Connection, kept: Asset, copies: Sequence[Asset]) -> bool:
    """Into each collection of a copy, in its place. The copies stay in theirs, in the trash."""
    return bool(
        db.executemany(
            """insert or ignore into collection_assets (collection_id, asset_id, position)
               select collection_id, ?, position from collection_assets where asset_id = ?""",
            [(kept.id, copy.id) for copy in copies],
        ).rowcount
    )
