"""Which assets a request means: all that a query finds, or those it names."""

from __future__ import annotations

from collections.abc import Sequence

from albums.errors import BadInput
from albums.search.find import MAX_LIMIT, Page
from albums.web.ask import Ask

MOST = 100_000  # assets at once


def chosen(asking: Ask, query: str | None, shas: Sequence[str] | None) -> list[str]:
    """SHA-256 of each. Raises BadInput where neither or both are said, or too many are found."""
    if bool(shas) == bool(query and query.strip()):
        raise BadInput(
            "Say which assets",
            why="A query and hashes do not go together" if shas else "Neither query nor hashes",
            hint="A query such as camera:canon year:2024, or a list of hashes",
        )
    return list(shas) if shas else _found(asking, str(query))


def _found(asking: Ask, query: str) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        results = asking.find(query, Page(MAX_LIMIT, after))
        if results.total > MOST:
            raise BadInput(
                f"That finds {results.total:,} assets",
                why=f"No more than {MOST:,} are changed at once",
                hint="Narrow it, for example with year:2024",
            )
        found += [asset["sha"] for asset in results.assets]
        after = results.next
        if after is None:
            return found
