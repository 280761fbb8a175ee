"""Looks: assets that are recognised as a screenshot, a receipt, a document or a meme.

A look is a tag, given by the step `look` or by the person. What the person keeps out of the
timeline (library/preferences.py) is hidden by a claim of its own, which follows from the tags and
the preferences at any time: their own word on one asset wins, and it can be taken back for all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Literal, get_args

from albums.library.facts import Claim, replace_claims, settle
from albums.library.preferences import kept_out
from albums.library.tags import replace_tags

LookName = Literal["screenshot", "receipt", "document", "meme"]
LOOKS: tuple[LookName, ...] = get_args(LookName)
SOURCE = "look"
# Words that other models say of what is in a picture ("document", "screen") are no looks.
_SAID = "source in ('look', 'person')"
_THESE = "in (select value from json_each(?))"
WITH_LOOK = f"select asset_id from tags where tag in {LOOKS} and {_SAID}"
HAS_LOOK = f"assets.id in (select asset_id from tags where tag = ? and {_SAID})"


@dataclass(frozen=True)
class Look:
    """What a picture looks like, how sure that is (0..1), and why."""

    name: LookName
    sure: float
    why: str


def follows_from_preferences(claim: Claim) -> bool:
    """Is it kept nowhere else, because tags and preferences say the same?"""
    return claim.source == SOURCE and claim.field == "hidden"


def replace_looks(
    db: sqlite3.Connection, asset_id: int, found: Sequence[Look], home: tzinfo
) -> None:
    """These are the asset's looks, as far as the machine can tell."""
    replace_tags(db, asset_id, SOURCE, [(look.name, look.sure) for look in found])
    replace_claims(db, asset_id, (SOURCE,), _reasons(found))
    hide_kept_out(db, [asset_id], home)


def _reasons(found: Sequence[Look]) -> list[Claim]:
    if not found:
        return []
    return [Claim("look", {look.name: look.why for look in found}, SOURCE, found[0].sure)]


def hide_kept_out(db: sqlite3.Connection, asset_ids: Iterable[int], home: tzinfo) -> None:
    """Hide those of these assets that have a look that the timeline does not show, and no others
    for their looks. Quick for thousands of assets at once."""
    these, out = json.dumps(list(asset_ids)), json.dumps(kept_out(db))
    db.execute(
        f"delete from claims where asset_id {_THESE} and field = 'hidden' and source = ?",
        (these, SOURCE),
    )
    db.execute(
        f"""insert into claims (asset_id, field, source, value, confidence, detail)
            select asset_id, 'hidden', ?, 'true', 1, min(tag) || 's are kept out of the timeline'
            from tags where asset_id {_THESE} and tag {_THESE} and {_SAID} group by asset_id""",
        (SOURCE, these, out),
    )
    contested = _contested(db, these)
    db.execute(
        f"""update assets set hidden = not hidden
            where id {_THESE} and id not {_THESE} and hidden != exists (
                select 1 from claims where asset_id = assets.id and field = 'hidden')""",
        (these, json.dumps(contested)),
    )
    for asset_id in contested:
        settle(db, asset_id, home)


def _contested(db: sqlite3.Connection, these: str) -> list[int]:
    """Assets of which somebody else says, too, whether they are hidden."""
    rows = db.execute(
        f"""select distinct asset_id from claims
            where asset_id {_THESE} and field = 'hidden' and source != ?""",
        (these, SOURCE),
    )
    return [row["asset_id"] for row in rows]


def with_look(db: sqlite3.Connection, looks: Iterable[str] = LOOKS) -> list[int]:
    """Ids of all assets that have one of these looks."""
    rows = db.execute(
        f"select distinct asset_id from tags where tag {_THESE} and {_SAID}",
        (json.dumps(list(looks)),),
    )
    return [row["asset_id"] for row in rows]


def looks_of(db: sqlite3.Connection, asset_id: int) -> list[dict[str, Any]]:
    """`look`, `sure` (0..1), `by` (look or person) and `why`, surest first."""
    rows = db.execute(
        f"""select tag, source, max(score) as score from tags
            where asset_id = ? and tag {_THESE} and {_SAID}
            group by tag order by score desc, tag""",
        (asset_id, json.dumps(LOOKS)),
    ).fetchall()
    claim = db.execute(
        "select value from claims where asset_id = ? and field = 'look' and source = ?",
        (asset_id, SOURCE),
    ).fetchone()
    reasons = json.loads(claim["value"]) if claim else {}
    return [
        {
            "look": row["tag"],
            "sure": row["score"],
            "by": row["source"],
            "why": "you said so" if row["source"] == "person" else reasons.get(row["tag"], ""),
        }
        for row in rows
    ]


def counts(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Each look with the number of its assets outside the trash, hidden or not."""
    out = kept_out(db)
    return [
        {
            "look": look,
            "assets": db.execute(
                f"select count(*) from assets where trashed_at is null and {HAS_LOOK}", (look,)
            ).fetchone()[0],
            "kept_out": look in out,
        }
        for look in LOOKS
    ]
