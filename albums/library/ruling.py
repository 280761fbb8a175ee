"""What comes of all rules together, for any number of assets: the one truth of the pipeline, of
what a dry run shows, and of the shell.

Every condition is asked of the library as it would be without rules (library/unruled.py), so it
does not matter how often rules are applied. What they do is done in their order: of the date, each
goes on from what the one before made of it; of the place, the first that speaks decides. The
person's word on an asset stands above all of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import islice

from albums.errors import BadInput
from albums.library.facts import RULE, Claim, replace_claims, settle
from albums.library.rule_actions import CorrectPlace, Delete, Named, Unruled
from albums.library.rules import Rule
from albums.library.unruled import (
    Places,
    Spoken,
    places_without_rules,
    spoken,
    touched,
    without_rules,
)

KEPT = "kept"  # the person took it out of the trash again: no rule throws it away
Where = tuple[str, list[object]]  # a condition on the row `assets`, and its parameters
_AT_ONCE = 2000
_THESE = "in (select value from json_each(?))"


@dataclass(frozen=True)
class Knowing:
    """What other parts know. `asks`: the condition of a rule's query, which raises BadInput;
    `home`: the zone of local times that do not say theirs."""

    asks: Callable[[Rule], Where]
    places: Places
    home: tzinfo


@dataclass(frozen=True)
class Ruled:
    """What rules say of one asset. `by`: ids of the rules that had an effect on it, in order, also
    of the one that throws it away (`trash`)."""

    asset_id: int
    claims: tuple[Claim, ...] = ()
    before: tuple[Claim, ...] = ()  # what rules said until now
    by: tuple[str, ...] = ()
    trash: Rule | None = None  # it is not in the trash yet

    @property
    def changed(self) -> bool:
        return _by_field(self.claims) != _by_field(self.before)


def _by_field(claims: Iterable[Claim]) -> dict[str, Claim]:
    return {claim.field: claim for claim in claims}


def make_table(db: sqlite3.Connection) -> None:
    """Which rules have an effect on which assets."""
    db.execute("""
        create table if not exists ruled (
            asset_id integer not null references assets on delete cascade,
            rule_id text not null,
            primary key (asset_id, rule_id)
        ) without rowid""")
    db.execute("create index if not exists ruled_by_rule on ruled (rule_id)")


def matching(
    db: sqlite3.Connection, rule: Rule, knowing: Knowing, among: Iterable[int] | None = None
) -> set[int]:
    """Assets that a rule's condition finds (None: of all), in the trash or not."""
    condition, values = knowing.asks(rule)
    if isinstance(rule.does, CorrectPlace):
        here = "assets.id in (select asset_id from places where country_code = ?)"
        condition, values = f"({condition}) and {here}", [*values, rule.does.country]
    found: set[int] = set()
    if among is None:
        return {row[0] for row in db.execute(f"select id from assets where {condition}", values)}
    rest = iter(among)
    while some := list(islice(rest, _AT_ONCE)):
        sql = f"select id from assets where assets.id {_THESE} and ({condition})"
        found.update(row[0] for row in db.execute(sql, [json.dumps(some), *values]))
    return found


def problem_of(rule: Rule, knowing: Knowing) -> BadInput | None:
    """Why a rule cannot be carried out."""
    try:
        rule.does.said()
        knowing.asks(rule)
    except BadInput as problem:
        return problem
    return None


def found_by(
    db: sqlite3.Connection,
    rules: Sequence[Rule],
    knowing: Knowing,
    among: Iterable[int] | None = None,
) -> dict[int, list[Rule]]:
    """For each asset, in order, the rules whose conditions find it; of these assets, or of all. A
    rule whose condition is not understood (any more) finds nothing."""
    rules = [rule for rule in rules if problem_of(rule, knowing) is None]
    chosen = None if among is None else set(among)
    ruled = touched(db, chosen)
    found: dict[int, list[Rule]] = {}
    for rule in rules:
        others = None if chosen is None else chosen - ruled
        for asset_id in matching(db, rule, knowing, others) - ruled:
            found.setdefault(asset_id, []).append(rule)
    if ruled and rules:
        with without_rules(db, ruled, knowing.places, knowing.home) as unruled:
            for rule in rules:
                for asset_id in matching(unruled, rule, knowing, ruled):
                    found.setdefault(asset_id, []).append(rule)
    return found


@dataclass(frozen=True)
class Seen:
    """An asset as rules see it: as it would be without them, the rules whose conditions find it,
    what rules say of it now, and whether it is in the trash."""

    asset: Unruled
    rules: tuple[Rule, ...] = ()
    before: tuple[Claim, ...] = ()
    trashed: bool = False


def seen(
    db: sqlite3.Connection,
    rules: Sequence[Rule],
    knowing: Knowing,
    asset_ids: Iterable[int],
    fields: Iterable[str] = ("captured_at", "location", "hidden"),
) -> dict[int, Seen]:
    """Of these assets, those that enabled rules find, or of which a rule says something now."""
    chosen = set(asset_ids)
    found = found_by(db, [rule for rule in rules if rule.enabled], knowing, chosen)
    concerned = sorted(found.keys() | touched(db, chosen))
    said = spoken(db, concerned, [*fields, KEPT])
    where = _places(db, concerned) | places_without_rules(said, knowing.places)
    thrown = trashed(db, concerned)
    nothing = Spoken()
    return {
        asset_id: Seen(
            Unruled(said.get(asset_id, nothing).others, where.get(asset_id)),
            tuple(found.get(asset_id, ())),
            said.get(asset_id, nothing).rules,
            asset_id in thrown,
        )
        for asset_id in concerned
    }


def plan(
    db: sqlite3.Connection, rules: Sequence[Rule], knowing: Knowing, asset_ids: Iterable[int]
) -> list[Ruled]:
    """What `rules` say of these assets: one each of which they say something, or did until now."""
    planned = []
    for asset_id, one in seen(db, rules, knowing, asset_ids).items():
        ruled = ruled_by(asset_id, one.asset, one.rules)
        trash = None if one.trashed else ruled.trash
        planned.append(replace(ruled, before=one.before, trash=trash))
    return planned


def ruled_by(asset_id: int, asset: Unruled, rules: Sequence[Rule]) -> Ruled:
    """What these rules, all of which find it, come to."""
    said: dict[str, Claim] = {}
    by: list[str] = []
    trash: Rule | None = None
    kept = any(claim.field == KEPT and claim.value for claim in asset.claims)
    for rule in rules:
        if isinstance(rule.does, Delete):
            if not kept:
                trash = trash or rule
                by.append(rule.id)
            continue
        claim = rule.does.claim(asset, said)
        if claim:
            detail = f"{rule.title}: {claim.detail}" if claim.detail else rule.title
            said[claim.field] = replace(claim, detail=detail)
            by.append(rule.id)
    return Ruled(asset_id, tuple(said.values()), (), tuple(by), trash)


def trashed(db: sqlite3.Connection, asset_ids: Iterable[int]) -> set[int]:
    """Those of these assets that lie in the trash."""
    rows = db.execute(
        f"select id from assets where id {_THESE} and trashed_at is not null",
        (json.dumps(list(asset_ids)),),
    )
    return {row["id"] for row in rows}


def _places(db: sqlite3.Connection, asset_ids: Sequence[int]) -> dict[int, Named | None]:
    rows = db.execute(
        f"""select asset_id, city, region, country, country_code from places
            where asset_id {_THESE}""",
        (json.dumps(list(asset_ids)),),
    )
    return {row["asset_id"]: _Place(*tuple(row)[1:]) for row in rows}


@dataclass(frozen=True)
class _Place:
    city: str
    region: str
    country: str
    country_code: str


def write(db: sqlite3.Connection, ruled: Ruled, home: tzinfo) -> None:
    """Make it so, but for the trash. The same again changes nothing."""
    if ruled.changed:
        replace_claims(db, ruled.asset_id, (RULE,), ruled.claims)
        settle(db, ruled.asset_id, home)
    db.execute("delete from ruled where asset_id = ?", (ruled.asset_id,))
    db.executemany(
        "insert into ruled (asset_id, rule_id) values (?, ?)",
        [(ruled.asset_id, rule_id) for rule_id in ruled.by],
    )


def touched_by(db: sqlite3.Connection) -> dict[str, int]:
    """Rule id -> on how many assets it has an effect."""
    rows = db.execute("select rule_id, count(*) as assets from ruled group by rule_id")
    return {row["rule_id"]: row["assets"] for row in rows}
