"""How a query that is being typed could go on."""

from __future__ import annotations

from typing import Any

from albums.library.database import Library
from albums.search.filters import BY_KEY, FILTERS


def completions(library: Library, text: str) -> list[dict[str, Any]]:
    """Ends for the last word of `text`: filters, or values of one that this library has.

    Each is {"text": the whole query, "hint"}.
    """
    before, _, last = text.rpartition(" ")
    lead = f"{before} " if before else ""
    minus, last = ("-", last[1:]) if last.startswith("-") else ("", last)
    key, colon, typed = last.partition(":")
    if not colon:
        found = [f for f in FILTERS if last and f.key.startswith(last.lower())]
        return [{"text": f"{lead}{minus}{f.key}:", "hint": f.hint} for f in found]
    kind = BY_KEY.get(key.lower())
    if kind is None:
        return []
    with library.read() as db:
        values = kind.suggest(db, typed.strip('"'))
    quoted = [f'"{value}"' if " " in value else value for value in values]
    return [{"text": f"{lead}{minus}{key}:{value}", "hint": ""} for value in quoted]
