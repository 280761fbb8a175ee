"""Stacks: assets that lists show as one. The best is the top; the others lie under it
(`assets.top_id`).

What lies together follows from what ties assets (`bonds.py`) and from what the person said, and
from nothing else: whatever order they came in, the same stacks come out. What is in the trash lies
in no stack.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from albums.library.bonds import ALONE, Knot, Member, knot
from albums.library.shots import MOST, burst_mates, moments, tell_bursts

LARGEST = 2 * MOST  # assets; more that hang together are left as they are


def restack(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Say anew what lies under what, for these assets and whatever lies or belongs with them."""
    if not _are_told(db):
        return
    whole = knot(db, stacked_with(db, ids))
    for group in groups(whole):
        _lay(db, whole, group)


def bring_up(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Something of these assets changed by which a top is chosen."""
    if found := stacked_within(db, ids):
        restack(db, found)


def stacked_with(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """These assets, and all that lie in a stack with one of them."""
    rows = db.execute(
        """with these(id) as (select value from json_each(?)),
                tops(id) as (select coalesce(top_id, assets.id) from assets join these using (id))
           select id from these union select id from tops
           union select assets.id from assets join tops on assets.top_id = tops.id""",
        (json.dumps(list(ids)),),
    )
    return {row["id"] for row in rows}


def stacked_within(db: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Those of these assets that lie in a stack at all."""
    these = json.dumps(list(ids))
    rows = db.execute(
        """select id from assets indexed by assets_tops
           where top_id is not null and id in (select value from json_each(?1))
           union
           select top_id from assets indexed by assets_under
           where top_id is not null and top_id in (select value from json_each(?1))""",
        (these,),
    )
    return [row[0] for row in rows]


def take_out(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Delete the rows of assets; what lay in a stack with them is laid anew."""
    gone = list(ids)
    around, left = set[tuple[str, int]](), stacked_with(db, gone)
    if _are_told(db):
        around, left = moments(db, gone), left | burst_mates(db, gone)
    db.execute(
        "delete from assets where id in (select value from json_each(?))", (json.dumps(gone),)
    )
    restack(db, (left | tell_bursts(db, around)) - set(gone))


def moving_parts(db: sqlite3.Connection, asset_id: int) -> list[int]:
    """The films of a live photo, be it in the trash: those that lie in its stack, or would, and
    that are no part of another photo outside the trash."""
    if not _are_told(db):
        return []
    whole = knot(db, [asset_id])
    here = next(group for group in groups(whole) if asset_id in group)
    found = []
    for film in here:
        photos = _others(whole, film, "part")
        others = [p for p in photos if p != asset_id and not whole.members[p].trashed]
        if whole.members[film].part == "film" and asset_id in photos and not others:
            found.append(film)
    return sorted(found)


def with_parts(db: sqlite3.Connection, ids: Iterable[int]) -> list[int]:
    """Those of these assets that have a film or a raw file."""
    if not _are_told(db):
        return []
    rows = db.execute(
        """select distinct photo_id from companions
           where photo_id in (select value from json_each(?)) order by photo_id""",
        (json.dumps(list(ids)),),
    )
    return [row["photo_id"] for row in rows]


def companions_within(db: sqlite3.Connection, ids: set[int]) -> set[int]:
    """Those of these assets that are the film or the raw file of another of them."""
    whole = knot(db, ids)
    return {b.one for b in whole.bonds if b.kind == "part" and {b.one, b.other} <= ids}


def _are_told(db: sqlite3.Connection) -> bool:
    """Before the steps have made their tables, nothing is known that could be stacked."""
    found = db.execute("select count(*) from sqlite_master where name in ('shots', 'companions')")
    return bool(found.fetchone()[0] == 2)


# --- what lies together


def groups(whole: Knot) -> list[list[int]]:
    """The knot, cut into what lies together; much of it may be alone."""
    homes = _as_told(whole)
    together: dict[str, list[int]] = {}
    for asset_id, home in sorted(homes.items()):
        together.setdefault(home, []).append(asset_id)
    rest = whole.members.keys() - homes.keys()
    return [*together.values(), *_hanging_together(whole, rest)]


def _as_told(whole: Knot) -> dict[int, str]:
    """Where the person said that assets are to lie. Films and raw files follow their photo, and
    edited copies an original that was put into a stack, unless something else was said of them."""
    homes = {
        m.id: f"{ALONE} {m.id}" if m.word == ALONE else m.word
        for m in whole.members.values()
        if m.word is not None
    }
    while True:
        more: dict[int, tuple[str, str]] = {}
        for bond in whole.bonds:
            home = homes.get(bond.other, ALONE)
            follows = bond.other in homes and (bond.kind == "part" or not home.startswith(ALONE))
            if bond.one not in homes and follows:
                candidate = (whole.members[bond.other].sha, home)
                more[bond.one] = min(more.get(bond.one, candidate), candidate)
        if not more:
            return homes
        homes |= {asset_id: home for asset_id, (_, home) in more.items()}


def _hanging_together(whole: Knot, rest: Iterable[int]) -> Iterator[list[int]]:
    ties = {asset_id: set[object]() for asset_id in rest}
    for bond in whole.bonds:  # two edits belong together even where their original is elsewhere
        for end in (bond.one, bond.other):
            if end in ties:
                ties[end].add((bond.kind, bond.other))
    held: dict[object, list[int]] = {}
    for asset_id, tied in ties.items():
        if burst := whole.members[asset_id].burst:
            tied.add(burst)
        for tie in tied:
            held.setdefault(tie, []).append(asset_id)
    left = set(ties)
    while left:
        group, fresh = set[int](), {left.pop()}
        while fresh:
            group |= fresh
            touched = {tie for asset_id in fresh for tie in ties[asset_id]}
            fresh = {i for tie in touched for i in held.pop(tie, ())} - group
        left -= group
        yield from [sorted(group)] if len(group) <= LARGEST else ([i] for i in sorted(group))


# --- what lies on top


def _lay(db: sqlite3.Connection, whole: Knot, group: Iterable[int]) -> None:
    here = [whole.members[i] for i in group]
    present = [member for member in here if not member.trashed]
    latest = max((member.chosen_at for member in present), default="")
    top = min(present, key=lambda m: _rank(whole, m, present, latest), default=None)
    for member in here:
        under = top.id if top and not member.trashed and member.id != top.id else None
        db.execute(
            "update assets set top_id = ?1 where id = ?2 and top_id is not ?1", (under, member.id)
        )


def _rank(whole: Knot, m: Member, present: Iterable[Member], latest: str) -> tuple[object, ...]:
    """The least is the top. What the person likes best; then the edited copy, for somebody took
    the trouble; then what the camera took for the best, what is larger, and what is sharper."""
    others = {other.id: other for other in present}
    photos = [others[i] for i in _others(whole, m.id, "part") if i in others]
    return (
        m.part == "film" and any(not photo.damaged for photo in photos),
        m.damaged,
        m.hidden,
        not latest or m.chosen_at != latest,
        not m.favourite,
        -m.rating,
        not any(i in others for i in _others(whole, m.id, "edit")),
        _PARTS.index(m.part),
        not m.cover,
        -m.pixels,
        -m.sharpness,
        m.at,
        m.name,
        m.sha,
    )


_PARTS = ("photo", "raw", "", "film")


def _others(whole: Knot, asset_id: int, kind: str) -> list[int]:
    """The photos that it is a part of, or the originals that it is an edited copy of."""
    return sorted(b.other for b in whole.bonds if b.one == asset_id and b.kind == kind)


# --- as a page shows it


def stack_of(db: sqlite3.Connection, asset_id: int) -> dict[str, Any] | None:
    """The stack in which an asset lies: the SHA-256 of its top, and its members, the top first."""
    ids = stacked_with(db, [asset_id])
    if len(ids) < 2:
        return None
    whole = knot(db, ids)
    rows = db.execute(
        """select id, sha, name, kind, hidden, thumbhash, top_id is null as top
           from assets left join pictures on asset_id = id
           where id in (select value from json_each(?))
           order by top_id is not null, captured_utc, name, sha""",
        (json.dumps(list(ids)),),
    ).fetchall()
    members = [
        {
            "sha": row["sha"],
            "name": row["name"],
            "kind": row["kind"],
            "role": _role(whole, row["id"], ids),
            "top": bool(row["top"]),
            "hidden": bool(row["hidden"]),
            "thumbhash": base64.b64encode(row["thumbhash"]).decode() if row["thumbhash"] else None,
        }
        for row in rows
    ]
    return {"top": members[0]["sha"], "members": members}


def _role(whole: Knot, asset_id: int, ids: set[int]) -> str:
    member = whole.members[asset_id]
    mine = {bond.kind for bond in whole.bonds if bond.one == asset_id and bond.other in ids}
    theirs = {bond.kind for bond in whole.bonds if bond.other == asset_id and bond.one in ids}
    bursts = [whole.members[i].burst for i in ids - {asset_id}]
    if "part" in mine:
        return "moving part" if member.part == "film" else "raw file"
    if "edit" in mine:
        return "edited version"
    if "edit" in theirs:
        return "original"
    if member.burst and member.burst in bursts:
        return "burst"
    return "still photo" if "part" in theirs else "joined"
