"""Which assets a request means: all that a query finds, or those it names."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from albums.errors import BadInput
from albums.web.ask import Ask

MOST = 100_000  # assets at once


def chosen(
    asking: Ask,
    query: str | None,
    shas: Sequence[str] | None,
    without: Collection[str] = (),
    *,
    whole: bool = False,
) -> list[str]:
    """SHA-256 of each, but `without` some. With `whole`, an empty query is the timeline.

    Raises BadInput where neither or both are said, or too many are found.
    """
    asked = query is not None if whole else bool(query and query.strip())
    if bool(shas) == asked:
        raise BadInput(
            "Say which assets",
            why="A query and hashes do not go together" if shas else "Neither query nor hashes",
            hint="A query such as camera:canon year:2024, or a list of hashes",
        )
    found = list(shas) if shas else _found(asking, query or "")
    left_out = set(without)
    return [sha for sha in found if sha not in left_out]


def _found(asking: Ask, query: str) -> list[str]:
    ids = asking.ids(query).tolist()
    if len(ids) > MOST:
        raise BadInput(
            f"That finds {len(ids):,} assets",
            why=f"No more than {MOST:,} are changed at once",
            hint="Narrow it, for example with year:2024",
        )
    with asking.library.read() as db:
        rows = db.execute(
            "select sha from assets where id in (select value from json_each(?))",
            (json.dumps(ids),),
        )
        return [row["sha"] for row in rows]
