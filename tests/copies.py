"""What the box finds out of pictures before it knows copies, and nothing that takes longer."""

from __future__ import annotations

from albums.assembly import Albums
from albums.ingest.step import Done
from albums.ingest.steps import STEPS
from albums.library.assets import assets_by_id

_NEEDED = ("facts", "companions", "moving", "pictures", "fingerprint", "stack", "duplicates")


def find_copies(albums: Albums) -> None:
    """Compare all that there is."""
    with albums.library.read() as db:
        assets = assets_by_id(db, [row["id"] for row in db.execute("select id from assets")])
    for step in STEPS:
        if step.name in _NEEDED:
            outcomes = step.run(assets, albums.tools)
            with albums.library.write() as db:
                for outcome in outcomes:
                    assert isinstance(outcome, Done)
                    outcome.write(db)
