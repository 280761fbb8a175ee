"""Work pulled from the ledger step by step, without threads."""

from __future__ import annotations

from albums.ingest.step import Done, Failed, Skipped, Step, Tools
from albums.library.assets import assets_by_id
from albums.library.ledger import Ledger, Result


def work_off(tools: Tools, ledger: Ledger, step: Step) -> int:
    """Do all that is open of `step`; returns for how many assets it ran, each time counted."""
    runs = 0
    for _ in range(2000):
        with tools.library.write(durable=False) as db:
            assets = assets_by_id(db, ledger.take(db, step.name, step.batch, set()))
        if not assets:
            return runs
        runs += len(assets)
        outcomes = step.run(assets, tools)
        with tools.library.write(durable=False) as db:
            results = []
            for asset, outcome in zip(assets, outcomes, strict=True):
                assert not isinstance(outcome, Failed), outcome.why
                if isinstance(outcome, Done):
                    outcome.write(db)
                    results.append(Result(asset.id, "done", changed=outcome.changed))
                elif isinstance(outcome, Skipped):
                    results.append(Result(asset.id, "skipped", outcome.why))
            ledger.close(db, step.name, results)
    raise AssertionError(f"{step.name} never ends")
