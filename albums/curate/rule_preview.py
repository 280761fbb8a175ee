"""What a rule would touch beside the other rules, before it is made; and what one of them does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from albums.curate.rules import checked
from albums.errors import Conflict
from albums.library.facts import Claim, believed
from albums.library.rule_actions import Delete
from albums.library.rules import Rule, all_rules
from albums.library.ruling import Knowing, Seen, found_by, ruled_by, seen

_SAMPLES = 12
_THESE = "in (select value from json_each(?))"


@dataclass(frozen=True)
class Sample:
    """One asset, before and after, in words or as ISO 8601."""

    sha: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """`found`: by its condition; `changed`: that are, or would be, other because of this rule;
    `yours`: of which the person said otherwise, so that they stay. The rest would be so without it.
    `samples` are spread over time."""

    sentence: str
    found: int
    changed: int
    yours: int
    samples: tuple[Sample, ...]


def preview(db: sqlite3.Connection, knowing: Knowing, rule: Rule) -> Preview:
    """What `rule` does in its place, or would do as the last. Raises BadInput."""
    rules = _with(all_rules(db), replace(checked(rule, knowing), enabled=True))
    found = found_by(db, [rule], knowing)
    looked_at = seen(db, rules, knowing, found, _fields(rules))
    effects = {i: _effect(i, looked_at[i], rule, knowing.home) for i in found}
    changes = {i: effect for i, effect in effects.items() if isinstance(effect, _Change)}
    yours = sum(effect == "yours" for effect in effects.values())
    samples = _samples(db, knowing, changes)
    return Preview(rule.sentence, len(found), len(changes), yours, samples)


def _fields(rules: Iterable[Rule]) -> set[str]:
    return {field for rule in rules if rule.enabled for field in rule.does.fields}


def expect(preview: Preview, expected: int | None) -> None:
    """Raises Conflict where it is not what the person saw before."""
    if expected is not None and expected != preview.changed:
        raise Conflict(
            f"{preview.changed} would change now, not {expected}",
            why="Something came or went, or was changed, since you looked",
            hint="Look at the preview again",
        )


def _with(rules: Sequence[Rule], rule: Rule) -> list[Rule]:
    if any(one.id == rule.id for one in rules):
        return [rule if one.id == rule.id else one for one in rules]
    return [*rules, rule]


# --- of one asset


@dataclass(frozen=True)
class _Change:
    """A value as `_value` gives it, without the rule and with it."""

    before: Any
    after: Any


def _effect(asset_id: int, one: Seen, rule: Rule, home: tzinfo) -> _Change | str:
    """Or "yours": the person said otherwise; "same": it makes no difference."""
    ruled = ruled_by(asset_id, one.asset, one.rules)
    if isinstance(rule.does, Delete):
        if rule.id not in ruled.by:
            return "yours"
        return "same" if one.trashed else _Change("in the library", "in the trash")
    [field] = rule.does.fields
    others = ruled_by(asset_id, one.asset, [each for each in one.rules if each.id != rule.id])
    before = _value(field, (*one.asset.claims, *others.claims), home)
    after = _value(field, (*one.asset.claims, *ruled.claims), home)
    if before != after:
        return _Change(before, after)
    said = any(c.field == field and c.source == "person" for c in one.asset.claims)
    return "yours" if said and rule.id in ruled.by else "same"


def _value(field: str, claims: Iterable[Claim], home: tzinfo) -> Any:
    row = believed(claims, home)
    if field == "location":
        known = row["latitude"] is not None
        return (row["latitude"], row["longitude"]) if known else None
    if field == "hidden":
        return "private" if row["hidden"] else "on the timeline"
    return row["captured_at"] or "no date"


# --- samples


def _samples(
    db: sqlite3.Connection, knowing: Knowing, changes: dict[int, _Change]
) -> tuple[Sample, ...]:
    rows = db.execute(
        """select id, sha, name from assets where id in (select value from json_each(?))
           order by captured_utc, id""",
        (json.dumps(list(changes)),),
    ).fetchall()
    spread = sorted({round(n * (len(rows) - 1) / (_SAMPLES - 1)) for n in range(_SAMPLES)})
    chosen = [rows[at] for at in spread] if rows else []
    return tuple(
        Sample(
            row["sha"],
            row["name"],
            _in_words(changes[row["id"]].before, knowing),
            _in_words(changes[row["id"]].after, knowing),
        )
        for row in chosen
    )


def _in_words(value: Any, knowing: Knowing) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "no place"
    [place] = knowing.places([value])
    named = ", ".join(part for part in (place.city, place.country) if part) if place else ""
    return named or f"{value[0]:.4f}, {value[1]:.4f}"
