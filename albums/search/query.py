"""What a person types <-> what is asked: `dog on a beach year:2024 -cat "exact phrase"`.

`camera:"EOS R"` is any camera with that in its name; `camera:="Canon EOS R"` is that one and no
other.

Date phrases that can mean nothing else ("last summer") are applied; a bare year is only suggested.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from albums.errors import BadInput
from albums.search.dates import Moment, dates_in_text
from albums.search.expression import words_of
from albums.search.filters import BY_KEY, FILTERS
from albums.search.filters.filter import Filter
from albums.search.filters.when import Date
from albums.search.order import Sort, sort_of, sort_said, sort_words

MAX_LENGTH = 2000  # characters
MAX_PARTS = 64
_OTHER_KEYS = ("sort", "similar")


@dataclass(frozen=True)
class Chip:
    """One thing that was understood; `applied` is False where it is only suggested."""

    key: str
    value: str
    words: str
    applied: bool = True

    def as_json(self) -> dict[str, Any]:
        return vars(self).copy()


@dataclass(frozen=True)
class Query:
    """A question to the library. `str(query)` is text that means the same."""

    words: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()  # phrases that must be there
    minus: tuple[str, ...] = ()  # words and phrases that must not
    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    similar: str | None = None  # SHA-256 of an asset, or how it begins
    seed: int = 0  # of sort:random; the same seed is the same order
    suggestions: tuple[Chip, ...] = field(default=(), compare=False)

    @property
    def sentence(self) -> str:
        """What is meant, for a model that reads sentences."""
        return " ".join(self.words + self.quotes)

    @property
    def empty(self) -> bool:
        """Nothing is asked: the timeline."""
        return not (self.words or self.quotes or self.minus or self.filters or self.similar)

    def asks_for(self, key: str, value: str) -> bool:
        return any(f.key == key and f.value == value and not f.negated for f in self.filters)

    def understood(self) -> list[Chip]:
        chips = [Chip(("-" if f.negated else "") + f.key, f.value, _said(f)) for f in self.filters]
        chips += [Chip("quote", q, f'with the words "{q}"') for q in self.quotes]
        chips += [Chip("minus", m, f"without {m}") for m in self.minus]
        if self.similar:
            chips.append(Chip("similar", self.similar, f"looks like {self.similar[:8]}"))
        if self.sort:
            chips.append(Chip("sort", self.sort, sort_said(self.sort)))
        return [*chips, *self.suggestions]

    def __str__(self) -> str:
        parts = list(self.words)
        parts += [_quoted(quote) for quote in self.quotes]
        parts += ["-" + _as_value(word) for word in self.minus]
        parts += [as_typed(f) for f in self.filters]
        parts += [f"similar:{self.similar}"] if self.similar else []
        parts += [f"sort:{sort_words(self.sort, self.seed)}"] if self.sort else []
        return " ".join(parts)


def _said(condition: Filter) -> str:
    return f"not {condition.words()}" if condition.negated else condition.words()


def as_typed(condition: Filter) -> str:
    """`key:value`, as a person writes it."""
    minus, exactly = "-" * condition.negated, "=" * condition.exact
    return f"{minus}{condition.key}:{exactly}{_as_value(condition.value)}"


def _as_value(value: str) -> str:
    return value if re.fullmatch(r"[^\s\"“”„«»\\:=-][^\s\"“”„«»\\:]*", value) else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_PART = re.compile(
    r"""(?P<minus>-?) (?:(?P<key>[^\W\d_]+):(?P<exact>=(?=[^\s]))?)?
        (?: "(?P<quoted>(?:[^"\\]|\\.)*)(?:"|\\?$) | (?P<plain>[^\s"]+) )
      | (?P<stray>\S)""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str, moment: Moment) -> Query:
    """Raises BadInput for an unknown key (naming the nearest right one) or a wrong value."""
    parts = _parts(text)
    words: list[str] = []
    found: dict[str, list[str]] = {"quotes": [], "minus": []}
    filters: list[Filter] = []
    other: dict[str, str] = {}
    for part in parts:
        negated, key = bool(part["minus"]), part["key"]
        value = _value(part)
        if key is not None and key.lower() in _OTHER_KEYS and not negated:
            other[key.lower()] = value
        elif key is not None:
            with _naming(part.group()):
                chosen = _filter(key, value, moment)
            chosen = chosen.exactly() if part["exact"] else chosen
            filters.append(chosen.opposite() if negated else chosen)
        elif not words_of(value):
            continue  # a dash, an emoji: nothing that could be looked up
        elif negated:
            found["minus"].append(value)
        elif part["quoted"] is not None:
            found["quotes"].append(value)
        else:
            words.append(_no_bare_key(value))
    dates = _take_dates(words, moment)
    with _naming(f"sort:{other.get('sort')}"):
        sort, seed = sort_of(other.get("sort"))
    return Query(
        tuple(words),
        tuple(found["quotes"]),
        tuple(found["minus"]),
        (*filters, *dates),
        sort,
        _similar(other.get("similar")),
        seed,
        _bare_years(words),
    )


@contextmanager
def _naming(part: str) -> Iterator[None]:
    """What cannot be understood says which part of the query it is."""
    try:
        yield
    except BadInput as error:
        error.facts.setdefault("part", part)
        raise


def _parts(text: str) -> list[re.Match[str]]:
    if len(text) > MAX_LENGTH:
        raise BadInput(f"A query may have {MAX_LENGTH} characters; this has {len(text)}")
    # Typographic quotes are quotes, but for those inside of plain ones.
    plain = re.sub(r'"(?:[^"\\]|\\.)*"|[“”„«»]', lambda m: m[0][:-1] + '"', text, flags=re.DOTALL)
    parts = [m for m in _PART.finditer(plain) if m["stray"] is None]
    if len(parts) > MAX_PARTS:
        raise BadInput(f"A query may have {MAX_PARTS} words and filters; this has {len(parts)}")
    return parts


def _value(part: re.Match[str]) -> str:
    if part["quoted"] is None:
        return str(part["plain"])
    return " ".join(re.sub(r"\\(.)", r"\1", part["quoted"], flags=re.DOTALL).split())


def _no_bare_key(word: str) -> str:
    kind = BY_KEY.get(word[:-1].lower()) if word.endswith(":") else None
    if kind is not None:
        raise BadInput(f"{word} needs a value", hint=f"Write {kind.hint}")
    return word


def _filter(key: str, value: str, moment: Moment) -> Filter:
    kind = BY_KEY.get(key.lower())
    if kind is None:
        near, hint = _nearest(key.lower())
        raise BadInput(f"There is no filter {key}:", hint=hint, nearest=near)
    if not value.strip():
        raise BadInput(f"{key}: needs a value", hint=f"Write {kind.hint}")
    return kind.parse(value, moment)


def _nearest(key: str) -> tuple[str, str]:
    """A filter that is written nearly so, if there is one; and the hint."""
    near = difflib.get_close_matches(key, [*BY_KEY, *_OTHER_KEYS], n=1, cutoff=0.5)
    if not near:
        known = ", ".join([f.key for f in FILTERS] + list(_OTHER_KEYS))
        return "", f"Known filters: {known}. Put quotes around words that are not a filter"
    name = BY_KEY[near[0]].key if near[0] in BY_KEY else near[0]
    return name, f"Did you mean {name}:? Put quotes around words that are not a filter"


def _similar(value: str | None) -> str | None:
    if value is None or re.fullmatch(r"[0-9a-f]{6,64}", value.lower()):
        return value and value.lower()
    raise BadInput(
        f"similar:{value} is not an asset",
        hint="Write similar: and at least six digits of the asset's SHA-256",
    )


def _take_dates(words: list[str], moment: Moment) -> list[Filter]:
    """Take the plain date phrases out of the words."""
    taken: list[Filter] = []
    while (found := dates_in_text(tuple(words))) is not None:
        start, length = found
        try:
            taken.append(Date.parse(" ".join(words[start : start + length]), moment))
        except BadInput:  # 31 February: then they are words like others
            break
        del words[start : start + length]
    return taken


def _bare_years(words: list[str]) -> tuple[Chip, ...]:
    years = [word for word in words if re.fullmatch(r"(?:19|20)[0-9]{2}", word)]
    return tuple(Chip("year", year, f"taken in {year}", applied=False) for year in years)
