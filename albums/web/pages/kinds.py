"""All, photos, videos or documents: a query, and the same for one kind only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from albums.search.filters.what import Type
from albums.search.query import Query

LABELS = {"photo": "Photos", "video": "Videos", "document": "Documents"}


@dataclass(frozen=True)
class Kind:
    """A link to what the query finds of one kind; `q`: what that asks."""

    label: str
    q: str
    chosen: bool


def kinds_of(query: Query) -> list[Kind]:
    """All first, then one a kind."""
    rest = replace(query, filters=tuple(f for f in query.filters if f.key != Type.key))
    chosen = chosen_kind(query)
    untouched = rest == query
    links = [Kind("All", str(rest), untouched)]
    for value, label in LABELS.items():
        links.append(Kind(label, f"{rest} {Type.key}:{value}".strip(), chosen == value))
    return links


def chosen_kind(query: Query) -> str | None:
    """The one kind that a query asks for, if it is one."""
    types = [f for f in query.filters if f.key == Type.key]
    return types[0].value if len(types) == 1 and not types[0].negated else None


def noun(kind: str | None, count: int) -> str:
    """What so many are called."""
    return (kind if kind in LABELS else "result") + ("" if count == 1 else "s")
