"""What a query was understood as, in parts that can each be taken away; and what may help where it
was not understood, or finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from albums.errors import AlbumsError
from albums.search.find import searches
from albums.search.order import Sort
from albums.search.query import Query

_DROPPED = 6  # parts that are tried without where nothing was found


@dataclass(frozen=True)
class Part:
    """`words` say what it means; `rest`: the query without it."""

    words: str
    rest: Query


@dataclass(frozen=True)
class Way:
    """A link to another query. `found`: how many that finds, where it was counted."""

    words: str
    q: str
    found: int | None = None
    chosen: bool = False


def parts(query: Query) -> list[Part]:
    """Filters, quotes, words to leave out, what it is like."""
    return list(_parts(query))


def _parts(query: Query) -> Iterator[Part]:
    for at, condition in enumerate(query.filters):
        said = f"not {condition.words()}" if condition.negated else condition.words()
        rest = query.filters[:at] + query.filters[at + 1 :]
        yield Part(said, replace(query, filters=rest))
    for at, quote in enumerate(query.quotes):
        yield Part(f"“{quote}”", replace(query, quotes=_without(query.quotes, at)))
    for at, word in enumerate(query.minus):
        yield Part(f"without {word}", replace(query, minus=_without(query.minus, at)))
    if query.similar:
        yield Part(f"looks like {query.similar[:8]}", replace(query, similar=None))


def _without(words: tuple[str, ...], at: int) -> tuple[str, ...]:
    return words[:at] + words[at + 1 :]


_SORTS: dict[Sort, str] = {
    "relevance": "Best match", "newest": "Newest", "oldest": "Oldest", "hand": "By hand",
}  # fmt: skip


def sorts(query: Query) -> list[Way]:
    """The orders in which its results may come."""
    ranked = searches(query)
    by_hand = any(f.key == "collection" and not f.negated for f in query.filters)
    usual: Sort = "relevance" if ranked else "newest"
    left_out = {"hand" if not by_hand else "", "relevance" if not ranked else ""}
    return [
        Way(
            words,
            str(replace(query, sort=None if sort == usual else sort)),
            chosen=(query.sort or usual) == sort,
        )
        for sort, words in _SORTS.items()
        if sort not in left_out
    ]


def dropped(query: Query, count: Callable[[str], int]) -> list[Way]:
    """What is found without one part of a query that finds nothing, most first."""
    tried = parts(query)
    if query.words and tried:
        tried.append(Part(f"the words {' '.join(query.words)}", replace(query, words=())))
    ways = [
        Way(f"Without {part.words}", str(part.rest), count(str(part.rest)))
        for part in tried[:_DROPPED]
        if not part.rest.empty
    ]
    return sorted((way for way in ways if way.found), key=lambda way: -(way.found or 0))


def fixes(q: str, error: AlbumsError) -> list[Way]:
    """What could have been meant by a query that makes no sense."""
    part, nearest = str(error.facts.get("part", "")), str(error.facts.get("nearest", ""))
    if not part or part not in q:
        return []
    key, _, value = part.removeprefix("-").partition(":")
    rest = " ".join(q.replace(part, "", 1).split())
    plain = f"{key} {value}".replace('"', "")
    ways = [Way(f"Search for the words “{plain}”", f"{rest} {plain}".strip())]
    if rest:
        ways.append(Way(f"Leave {part} out", rest))
    if nearest:
        ways.insert(0, Way(f"{nearest}:{value}", q.replace(f"{key}:", f"{nearest}:", 1)))
    return ways
