"""The person's cleanup rules, carried out on each asset once its date, place and words are known.

What they do is found out in library/ruling.py, as for a dry run. A rule that is new or other opens
the work of the assets that it concerns (curate/rules.py); all others stay closed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import partial

from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library import rules, ruling
from albums.library.assets import Asset


class RulesStep:
    """Conditions ask for words, which follow all that is found out."""

    name = "rules"
    lane: Lane = "io"
    batch = 256
    needs: tuple[str, ...] = ("facts", "place", "words")
    follows: tuple[str, ...] = ("zone",)

    def version(self, tools: Tools) -> str:
        with tools.library.read() as db:
            return rules.version(db)

    def prepare(self, db: sqlite3.Connection) -> None:
        ruling.make_table(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        if tools.ruling is None:
            return [Skipped("There are no rules here") for _ in assets]
        ids = [asset.id for asset in assets]
        with tools.library.read() as db:
            known = rules.all_rules(db)
            planned = {
                one.asset_id: one for one in ruling.plan(db, known, tools.ruling.knowing, ids)
            }
            outdated = _with_effects(db, ids)
        for asset in assets:
            one = planned.get(asset.id)
            if one and one.trash:
                tools.ruling.throw_away(one.trash, [asset.sha])
        nothing = {i: ruling.Ruled(i) for i in outdated - planned.keys()}
        return [_outcome((planned | nothing).get(asset.id), tools) for asset in assets]


def _outcome(ruled: ruling.Ruled | None, tools: Tools) -> Outcome:
    if ruled is None:
        return Done(changed=False)
    return Done(partial(ruling.write, ruled=ruled, home=tools.home), changed=ruled.changed)


def _with_effects(db: sqlite3.Connection, ids: Sequence[int]) -> set[int]:
    rows = db.execute(
        "select distinct asset_id from ruled where asset_id in (select value from json_each(?))",
        (json.dumps(ids),),
    )
    return {row["asset_id"] for row in rows}
