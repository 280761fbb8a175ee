"""How a query that is being typed could go on, and which filters its plain words could be.

The values that the library has are read once and looked up in memory: by how their words begin.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from albums.errors import BadInput
from albums.search.dates import Moment, days_in_words
from albums.search.expression import words_of
from albums.search.filters import BY_KEY, FILTERS
from albums.search.filters.filter import Filter
from albums.search.filters.when import Date, DayFilter, Edge
from albums.search.query import Query, as_typed

# What plain words are looked up in, the likeliest first.
_FROM_WORDS = (
    "person", "place", "collection", "year", "camera", "lens", "tag", "country", "region", "type",
    "is", "has", "date",
)  # fmt: skip
_AT_FIRST = ("place", "person", "year", "before", "camera", "tag", "collection", "is")
_YEARS_TOO = ("on", "before", "after", "since")  # filters for which years are offered
_ENOUGH = 50  # values that are looked at for one filter
_LOOKED_AT = 5_000  # and for plain words
_A_KIND = 3  # values of one filter for plain words
_SHORTEST = 2  # letters that say something
_LONGEST = 4  # words in a row that may be one value
_KEYS = 2  # filters that are offered where a word is how they begin


@dataclass(frozen=True)
class Suggestion:
    """`text` is the whole query with it. `value` is '' where only a filter is offered, and `words`
    then say how it is written; else what it means. `assets`: how many, where known."""

    text: str
    key: str
    value: str
    words: str
    assets: int | None = None


@dataclass(frozen=True)
class _Entry:
    key: str
    value: str
    folded: str
    assets: int | None


class Vocabulary:
    """The values of all filters."""

    def __init__(self, values: Iterable[tuple[str, str, int | None]]) -> None:
        entries = (_Entry(key, value, fold(value), n) for key, value, n in values)
        self._entries = sorted(entries, key=_rank)
        self._folded = [entry.folded for entry in self._entries]
        self._of_key: dict[str, list[int]] = {}
        self._called: dict[str, list[int]] = {}
        for number, entry in enumerate(self._entries):
            self._of_key.setdefault(entry.key, []).append(number)
            self._called.setdefault(entry.folded, []).append(number)
        starts = sorted(
            (folded[start:], number)
            for number, folded in enumerate(self._folded)
            for start in _word_starts(folded)
        )
        self._starts = [start for start, _ in starts]
        self._numbers = [number for _, number in starts]

    def beginning_with(self, typed: str, keys: tuple[str, ...]) -> Iterator[_Entry]:
        """Best first: values of these filters that have a word, or words, that begin so."""
        folded = fold(typed)
        numbers: Iterable[int] = range(len(self._entries))
        if folded:
            low = bisect_left(self._starts, folded)
            high = bisect_left(self._starts, folded + "\U0010ffff")
            numbers = sorted(set(self._numbers[low:high]))
        elif len(keys) == 1:
            numbers = self._of_key.get(keys[0], [])
        whole = self._called.get(folded, [])
        first = (n for n in numbers if self._folded[n].startswith(folded))
        seen = set()
        for number in chain(whole, first, numbers):
            if number not in seen and self._entries[number].key in keys:
                seen.add(number)
                yield self._entries[number]

    def called(self, words: str, keys: tuple[str, ...]) -> list[_Entry]:
        """Values that are just these words."""
        entries = (self._entries[number] for number in self._called.get(fold(words), []))
        return [entry for entry in entries if entry.key in keys]

    def is_part_of_another(self, key: str, value: str) -> bool:
        folded = fold(value)
        others = (self._folded[number] for number in self._of_key.get(key, ()))
        return any(folded != other and folded in other for other in others)


def vocabulary(db: sqlite3.Connection) -> Vocabulary:
    """Reads all values: a second in a library of 200,000, so keep it for a while."""
    return Vocabulary((kind.key, value, n) for kind in FILTERS for value, n in kind.values(db))


def suggest(known: Vocabulary, text: str, moment: Moment, limit: int = 8) -> list[Suggestion]:
    """Ends for what is being typed at the end of `text`: values, and filters."""
    if not text.strip():
        return [_filter_offered("", BY_KEY[key]) for key in _AT_FIRST][:limit]
    if (explicit := _EXPLICIT.search(text)) is not None:
        start, negated = explicit.start("minus"), bool(explicit["minus"])
        typed = explicit["quoted"] if explicit["quoted"] is not None else explicit["plain"]
        found = _of_filter(known, explicit["key"], typed, moment)
        return list(islice(_as_suggestions(known, text[:start], negated, found, moment), limit))
    return _of_words(known, text, moment, limit)


def offers(known: Vocabulary, query: Query, moment: Moment, limit: int = 6) -> list[Suggestion]:
    """Filters that plain words of a whole query could be, each with the query in which they are."""
    words, found = query.words, list[Suggestion]()
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            rest = replace(query, words=words[:start] + words[start + length :])
            phrase = " ".join(words[start : start + length])
            for entry in known.called(phrase, _FROM_WORDS):
                if (chosen := _chosen(known, entry, moment)) is not None:
                    text = str(replace(rest, filters=(*rest.filters, chosen)))
                    said = Suggestion(text, entry.key, entry.value, chosen.words(), entry.assets)
                    found.append(said)
    return found[:limit]


def fold(text: str) -> str:
    """Without case and accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in split if not unicodedata.combining(c)).split())


def _word_starts(folded: str) -> Iterator[int]:
    yield 0
    for match in re.finditer(r"(?<=[^\w])\w", folded):
        yield match.start()


def _rank(entry: _Entry) -> tuple[object, ...]:
    """Most assets first, but the newest year."""
    newest = -int(entry.value) if entry.key == "year" and entry.value.isdecimal() else 0
    likely = _FROM_WORDS.index(entry.key) if entry.key in _FROM_WORDS else len(_FROM_WORDS)
    return newest, -(entry.assets or 0), likely, entry.folded


# A filter whose value is being typed at the end; a quote that is still open may hold spaces.
_EXPLICIT = re.compile(
    r'(?:^|\s)(?P<minus>-?)(?P<key>[^\W\d_]+):=?(?:"(?P<quoted>[^"]*)|(?P<plain>[^\s"]*))$'
)


def _of_filter(known: Vocabulary, key: str, typed: str, moment: Moment) -> list[_Entry]:
    """What may follow `key:`."""
    kind = BY_KEY.get(key.lower())
    if kind is None:
        return []
    if kind.key not in _YEARS_TOO:
        found = list(islice(known.beginning_with(typed, (kind.key,)), _ENOUGH))
    else:
        years = islice(known.beginning_with(typed, ("year",)), _ENOUGH)
        found = [replace(entry, key=kind.key, assets=None) for entry in years]
    if typed and issubclass(kind, (DayFilter, Edge)) and typed not in {e.value for e in found}:
        itself = _Entry(kind.key, typed, fold(typed), None)
        found = [itself, *found] if _parsed(itself, moment) else found
    return found


def _of_words(known: Vocabulary, text: str, moment: Moment, limit: int) -> list[Suggestion]:
    """What the last plain words could be: the value of a filter, or the filter that one names."""
    plain = _plain_tail(list(re.finditer(r"\S+", text)))
    found: list[Suggestion] = []
    for start in range(len(plain)):
        phrase = " ".join(match.group() for match in plain[start:])
        lead, negated = text[: plain[start].start()], phrase.startswith("-")
        entries = _of_phrase(known, phrase.removeprefix("-"), moment)
        found += _as_suggestions(known, lead, negated, entries, moment)
    if plain:
        found = found[: limit - _KEYS] + _of_key(text[: plain[-1].start()], plain[-1].group())
    return list({(s.key, s.value): s for s in reversed(found)}.values())[::-1][:limit]


def _plain_tail(words: list[re.Match[str]]) -> list[re.Match[str]]:
    tail: list[re.Match[str]] = []
    for match in reversed(words[-_LONGEST:]):
        if ":" in match.group() or '"' in match.group():
            break
        tail.insert(0, match)
    return tail


def _of_phrase(known: Vocabulary, phrase: str, moment: Moment) -> list[_Entry]:
    """`before 2020` asks a filter, others are looked up in all."""
    key, _, rest = phrase.partition(" ")
    if rest and key.lower() in BY_KEY:
        return _of_filter(known, key, rest, moment)
    if not words_of(phrase) or len(phrase) < _SHORTEST:
        return []
    found = list(_few_of_each(known.beginning_with(phrase, _FROM_WORDS)))
    if not found and phrase.endswith("s"):  # screenshots, videos
        found = known.called(phrase[:-1], _FROM_WORDS)
    if re.fullmatch(r"(?:19|20)\d\d", phrase):
        found += [_Entry(key, phrase, phrase, None) for key in ("before", "since")]
    elif days_in_words(phrase, moment) is not None:
        found.insert(0, _Entry(Date.key, phrase, fold(phrase), None))
    return found


def _few_of_each(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    few: dict[str, int] = {}
    for entry in islice(entries, _LOOKED_AT):
        few[entry.key] = few.get(entry.key, 0) + 1
        if few[entry.key] <= _A_KIND:
            yield entry


def _as_suggestions(
    known: Vocabulary, lead: str, negated: bool, found: Iterable[_Entry], moment: Moment
) -> Iterator[Suggestion]:
    for entry in found:
        if (chosen := _chosen(known, entry, moment)) is not None:
            chosen = chosen.opposite() if negated else chosen
            written = as_typed(chosen)
            if written not in lead:
                yield Suggestion(
                    lead + written, entry.key, entry.value, chosen.words(), entry.assets
                )


def _chosen(known: Vocabulary, entry: _Entry, moment: Moment) -> Filter | None:
    """The filter; exactly this value where it is also a part of another."""
    chosen = _parsed(entry, moment)
    if chosen is not None and chosen.loose and known.is_part_of_another(entry.key, entry.value):
        return chosen.exactly()
    return chosen


def _parsed(entry: _Entry, moment: Moment) -> Filter | None:
    try:
        return BY_KEY[entry.key].parse(entry.value, moment)
    except BadInput:
        return None


def _of_key(lead: str, word: str) -> list[Suggestion]:
    minus, typed = ("-", word[1:]) if word.startswith("-") else ("", word)
    kinds = (f for f in FILTERS if any(k.startswith(typed.lower()) for k in (f.key, *f.also)))
    if len(typed) < _SHORTEST:
        return []
    return [_filter_offered(lead + minus, kind) for kind in islice(kinds, _KEYS)]


def _filter_offered(lead: str, kind: type[Filter]) -> Suggestion:
    return Suggestion(f"{lead}{kind.key}:", kind.key, "", kind.hint)
