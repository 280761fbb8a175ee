"""The person's cleanup rules, in order: of which assets, and what is to be done to them.

`rules.json` in the library's folder holds the same. What a rule does is library/rule_actions.py;
what comes of all rules together is library/ruling.py.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from albums.errors import NotFound
from albums.library.rule_actions import Action, action_of

FILE = "rules.json"
ACTOR = "rule://"  # who it was, in the audit log, and the rule's id


@dataclass(frozen=True)
class Rule:
    """One of them. `query` is asked as on the day on which the rule was made: "last summer" stays
    the same. Raises BadInput on `does` for an action that makes no sense."""

    id: str
    name: str
    query: str
    action: str
    details: dict[str, Any]
    enabled: bool
    created_at: str  # UTC

    @cached_property
    def does(self) -> Action:
        return action_of(self.action, self.details)

    @property
    def sentence(self) -> str:
        """ "camera:canon: moved by +1:00:00"."""
        return ": ".join(part for part in (self.query, self.does.said()) if part)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or self.sentence

    @property
    def actor(self) -> str:
        return ACTOR + self.id

    def as_json(self) -> dict[str, Any]:
        return {field: getattr(self, field) for field in _FIELDS}


_FIELDS = ("id", "name", "query", "action", "details", "enabled", "created_at")


def all_rules(db: sqlite3.Connection) -> list[Rule]:
    """In order."""
    return [_rule(dict(row)) for row in db.execute("select * from rules order by position, id")]


def rule_of(db: sqlite3.Connection, rule_id: str) -> Rule:
    """Raises NotFound."""
    for rule in all_rules(db):
        if rule.id == rule_id:
            return rule
    raise NotFound(f"There is no rule {rule_id[:50]!r}", hint="albums rules list shows them all")


def put_rules(db: sqlite3.Connection, rules: Iterable[Rule]) -> None:
    """These in this order, and no others."""
    db.execute("delete from rules")
    db.executemany(
        """insert into rules (position, id, name, query, action, details, enabled, created_at)
           values (:position, :id, :name, :query, :action, :details, :enabled, :created_at)""",
        [
            rule.as_json() | {"position": at, "details": json.dumps(rule.details, sort_keys=True)}
            for at, rule in enumerate(rules)
        ],
    )


def version(db: sqlite3.Connection) -> str:
    """Another one whenever rules that count, or their order, are others."""
    said = [[r.id, r.query, r.action, r.details] for r in all_rules(db) if r.enabled]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def as_file(db: sqlite3.Connection) -> bytes:
    """The content of FILE."""
    return json.dumps([r.as_json() for r in all_rules(db)], ensure_ascii=False, indent=1).encode()


def from_file(db: sqlite3.Connection, content: bytes) -> None:
    """Fill the table from what `as_file` wrote. Raises ValueError, KeyError, TypeError,
    BadInput."""
    rules = [_rule(said) for said in json.loads(content)]
    for rule in rules:
        rule.does.said()  # an action that nobody understands is damage
    put_rules(db, rules)


def _rule(said: dict[str, Any]) -> Rule:
    known = {field: said[field] for field in _FIELDS}
    if isinstance(known["details"], str):
        known["details"] = json.loads(known["details"])
    return Rule(**known | {"enabled": bool(known["enabled"])})
