"""The person makes, orders and removes cleanup rules, and sees beforehand what each would touch.

A rule takes effect by the pipeline's step `rules`, whose work is opened for the assets that it
concerns; so its effects go when the rule goes. What it threw away stays in the trash until the
person takes it out, all at once if they like.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from albums.curate.rooms import Rooms
from albums.curate.trash import restore
from albums.errors import BadInput
from albums.library import rules as kept
from albums.library.assets import now
from albums.library.rules import ACTOR, FILE, Rule, all_rules, put_rules, rule_of
from albums.library.ruling import Knowing, found_by
from albums.library.unruled import touched
from albums.vault.durable import replace_synced

STEP = "rules"
_LONGEST = 200  # characters of a name
Way = Literal["up", "down"]


@dataclass(frozen=True)
class ThrownAway:
    """What lies in the trash because of one rule, which may be gone."""

    rule_id: str
    title: str
    assets: int


def checked(rule: Rule, knowing: Knowing) -> Rule:
    """Raises BadInput where a rule makes no sense."""
    rule.does.said()
    knowing.asks(rule)
    if not rule.query.strip() and rule.action != "correct-place":
        raise BadInput("Say of which assets", hint="For example camera:canon date:2012..2014")
    if len(rule.name) > _LONGEST:
        raise BadInput(f"A name has at most {_LONGEST} characters")
    return rule


def add(rooms: Rooms, knowing: Knowing, rule: Rule) -> Rule:
    """A new rule, as the last. Raises BadInput."""
    new = replace(checked(rule, knowing), id=secrets.token_hex(4), created_at=now())

    def change(rules: list[Rule]) -> list[Rule]:
        return [*rules, new]

    _change(rooms, knowing, change, "made-rule", new, [new])
    return new


def change(rooms: Rooms, knowing: Knowing, rule: Rule) -> Rule:
    """The rule of this id is like this from now on: another condition, switched off. Raises
    NotFound, BadInput."""
    checked(rule, knowing)
    with rooms.library.read() as db:
        before = rule_of(db, rule.id)
    whole = replace(rule, created_at=before.created_at if rule.query == before.query else now())
    _change(
        rooms,
        knowing,
        lambda rules: [whole if one.id == rule.id else one for one in rules],
        "changed-rule",
        whole,
        [before, whole],
    )
    return whole


def move(rooms: Rooms, knowing: Knowing, rule_id: str, way: Way) -> list[Rule]:
    """One place earlier or later. Returns all rules. Raises NotFound."""

    def moved(rules: list[Rule]) -> list[Rule]:
        at = next(place for place, rule in enumerate(rules) if rule.id == rule_id)
        to = min(max(at + (-1 if way == "up" else 1), 0), len(rules) - 1)
        rules.insert(to, rules.pop(at))
        return rules

    with rooms.library.read() as db:
        rule = rule_of(db, rule_id)
    return _change(rooms, knowing, moved, "moved-rule", rule, None)


def remove(rooms: Rooms, knowing: Knowing, rule_id: str) -> Rule:
    """What it says of assets goes with it; what it threw away stays in the trash. Raises
    NotFound."""
    with rooms.library.read() as db:
        rule = rule_of(db, rule_id)
    _change(
        rooms,
        knowing,
        lambda rules: [one for one in rules if one.id != rule_id],
        "removed-rule",
        rule,
        [rule],
    )
    return rule


def run(rooms: Rooms, knowing: Knowing) -> int:
    """Look again at all assets that rules find or touch, whatever made them so. Returns at how
    many."""
    with rooms.library.write() as db:
        enabled = [rule for rule in all_rules(db) if rule.enabled]
        concerned = found_by(db, enabled, knowing).keys() | _with_effects(db, None) | touched(db)
        rooms.ledger.reopen(db, STEP, concerned)
        rooms.audit.record(db, rooms.actor, "ran-rules", assets=len(concerned))
    return len(concerned)


def thrown_away(db: sqlite3.Connection) -> list[ThrownAway]:
    """For each rule, also those that are gone, how much of what it threw away is in the trash."""
    titles = {rule.actor: rule.title for rule in all_rules(db)}
    rows = db.execute(
        f"""select actor, count(*) as assets from assets join (
                select sha, actor from audit indexed by audit_of_rules
                where action = 'trashed' and actor >= '{ACTOR}' and actor < '{ACTOR}~'
                group by sha, actor) using (sha)
            where trashed_at is not null group by actor order by actor"""
    )
    return [
        ThrownAway(
            row["actor"].removeprefix(ACTOR),
            titles.get(row["actor"]) or _title_of(db, row["actor"]),
            row["assets"],
        )
        for row in rows
    ]


def take_out(rooms: Rooms, rule_id: str) -> int:
    """Everything that this rule threw away is taken out of the trash, and stays out. Returns how
    many."""
    with rooms.library.read() as db:
        rows = db.execute(
            """select sha from assets where trashed_at is not null and sha in (
                   select sha from audit where action = 'trashed' and actor = ?)""",
            (ACTOR + rule_id,),
        )
        shas = [row["sha"] for row in rows]
    return len(restore(rooms, shas))


def _title_of(db: sqlite3.Connection, actor: str) -> str:
    """Of a rule that is gone, as the log has it."""
    row = db.execute(
        """select detail ->> '$.title' as title from audit
           where action = 'removed-rule' and detail ->> '$.rule' = ? order by id desc limit 1""",
        (actor.removeprefix(ACTOR),),
    ).fetchone()
    return row["title"] if row else "a rule that is gone"


def _change(
    rooms: Rooms,
    knowing: Knowing,
    make: Callable[[list[Rule]], list[Rule]],
    action: str,
    rule: Rule,
    concerning: Sequence[Rule] | None,
) -> list[Rule]:
    """`concerning`: the rules whose assets are looked at again; None: those that any touches."""
    with rooms.vault.reserve.lent(), rooms.library.write() as db:
        rules = make(all_rules(db))
        concerned = _concerned(db, knowing, concerning)
        put_rules(db, rules)
        rooms.ledger.keep(db, STEP, kept.version(db))
        rooms.ledger.reopen(db, STEP, concerned)
        rooms.audit.record(
            db, rooms.actor, action, rule=rule.id, title=rule.title, sentence=rule.sentence,
            enabled=rule.enabled, assets=len(concerned),
        )  # fmt: skip
        replace_synced(rooms.folder / FILE, kept.as_file(db))
    return rules


def _concerned(db: sqlite3.Connection, knowing: Knowing, rules: Sequence[Rule] | None) -> set[int]:
    if rules is None:
        return touched(db)
    enabled = [rule for rule in rules if rule.enabled]
    return found_by(db, enabled, knowing).keys() | _with_effects(db, [rule.id for rule in rules])


def _with_effects(db: sqlite3.Connection, rule_ids: Iterable[str] | None) -> set[int]:
    """Assets on which these rules (None: any) have an effect."""
    rows = db.execute(
        """select asset_id from ruled
           where ?1 is null or rule_id in (select value from json_each(?1))""",
        (None if rule_ids is None else json.dumps(list(rule_ids)),),
    )
    return {row["asset_id"] for row in rows}
