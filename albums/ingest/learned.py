"""What nothing could open when it came in is opened again once the program has learnt its format.
All other pictures stay as they are."""

from __future__ import annotations

import json
import sqlite3

from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.ledger import Ledger
from albums.media import formats

_NOTE = "decoders"  # the formats that could be opened when this was last looked at


def open_again(db: sqlite3.Connection, ledger: Ledger) -> int:
    """Reopens the pictures of files that were passed over, and their facts, which know the size
    now. Returns of how many; looks at none where nothing was learnt since the last time."""
    known = json.dumps(sorted(formats.decodable()))
    note = db.execute("select value from notes where name = ?", (_NOTE,)).fetchone()
    if note is not None and note[0] == known:
        return 0
    rows = db.execute(
        """select work.asset_id from work join assets on assets.id = work.asset_id
           where work.step = ? and work.state = 'skipped'
             and assets.mime in (select value from json_each(?))""",
        (PicturesStep.name, known),
    )
    passed_over = [row["asset_id"] for row in rows]
    for step in (FactsStep.name, PicturesStep.name):
        ledger.reopen(db, step, passed_over)
    db.execute("insert or replace into notes values (?, ?)", (_NOTE, known))
    return len(passed_over)
