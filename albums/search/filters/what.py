"""Filters by what an asset is, and by what people and models say of it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from typing import ClassVar, Self

from albums.errors import BadInput
from albums.library.browse import MEMORIES
from albums.library.looks import HAS_LOOK, LOOKS
from albums.library.moving import MOVING
from albums.library.tags import normal_tag
from albums.search.dates import Moment
from albums.search.expression import all_words, phrase, words_of
from albums.search.filters.filter import (
    Filter,
    Valued,
    Where,
    always,
    contains,
    counted,
    tops_of,
)


def _one_of(value: str, allowed: tuple[str, ...], key: str) -> str:
    plain = value.lower().replace("favorite", "favourite")
    for name in (plain, plain.removesuffix("s")):
        if name in allowed:
            return name
    raise BadInput(
        f"{key}:{value} is not known", hint=f"Write {key}: and one of {', '.join(allowed)}"
    )


class Type(Filter):
    key: ClassVar[str] = "type"
    also: ClassVar[tuple[str, ...]] = ("kind",)
    hint: ClassVar[str] = "type:photo, video, document, audio or other"
    either: ClassVar[bool] = True
    kinds: ClassVar[tuple[str, ...]] = ("photo", "video", "document", "audio", "other")

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(_one_of(value, cls.kinds, "type"))

    def where(self) -> Where:
        return "assets.kind = ?", [self.value]

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return always(cls.kinds)


class Source(Filter):
    key: ClassVar[str] = "source"
    also: ClassVar[tuple[str, ...]] = ("from", "device")
    hint: ClassVar[str] = "source:upload or source:galaxy-s24: the way in, or which one"
    either: ClassVar[bool] = True

    def where(self) -> Where:
        return (
            "(assets.source = ? or assets.origin like ? escape '\\')",
            [self.value.lower(), contains(self.value)],
        )

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(db, "select source, count(*) from assets group by source")


class Tag(Filter):
    key: ClassVar[str] = "tag"
    hint: ClassVar[str] = "tag:dog"

    def where(self) -> Where:
        # What a person says of one photo of a burst is said of all; a model looks at each.
        sql = "select asset_id from tags where tag = ?"
        by_person = tops_of(f"{sql} and source = 'person'")
        return f"assets.id in ({sql} union {by_person})", [normal_tag(self.value)] * 2

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(db, "select tag, count(*) from tags group by tag")


# SQL for the ids of the collections that are called so, or were; the name is given twice.
THESE_COLLECTIONS = """select id from collections where name = ? collate nocase
    union select collection_id from collection_names where name = ? collate nocase"""


@dataclass(frozen=True)
class Collection(Filter):
    found: tuple[Where, ...] = field(default=(), compare=False)  # by the queries of smart ones

    key: ClassVar[str] = "collection"
    also: ClassVar[tuple[str, ...]] = ("album",)
    hint: ClassVar[str] = 'collection:"Rome 2019"'

    def where(self) -> Where:
        ids = f"""select asset_id from collection_assets
            where collection_id in ({THESE_COLLECTIONS})"""
        sql = f"{ids} union {tops_of(ids)}"
        values: list[object] = [self.value] * 4
        for condition, its in self.found:
            sql += f" union select id from assets where {condition}"
            values += its
        return f"assets.id in ({sql})", values

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db,
            """select name, case when query is null then
                   (select count(*) from collection_assets where collection_id = id) end
               from collections""",
        )


class Person(Filter):
    key: ClassVar[str] = "person"
    also: ClassVar[tuple[str, ...]] = ("people", "who")
    hint: ClassVar[str] = 'person:anna, or just one: person:="Anna Meier"'
    loose: ClassVar[bool] = True

    def where(self) -> Where:
        ids = "select rowid from words where words match ?"
        values: list[object] = [all_words(self.value, "people")]
        if self.exact and words_of(self.value):
            ids, values = f"{ids} and {_is_named('words.rowid')}", [*values, self.value]
        elif self.exact:  # a name without a letter, which no index of words has
            ids, values = f"select id from assets where {_is_named('assets.id')}", [self.value]
        return f"assets.id in ({ids} union {tops_of(ids)})", values * 2

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db,
            """select who.value, count(distinct asset_id)
               from claims, json_each(claims.value) as who
               where field = 'people' and who.value != '' group by who.value""",
        )


def _is_named(asset_id: str) -> str:
    return f"""exists (select 1 from claims, json_each(claims.value) as who
        where asset_id = {asset_id} and field = 'people' and who.value = ?)"""


class Text(Filter):
    key: ClassVar[str] = "text"
    hint: ClassVar[str] = 'text:"boarding pass": these words in this order, written on it'

    def where(self) -> Where:
        ids = "select rowid from words where words match ?"
        written = f"{{text}} : {phrase(self.value)}"
        return f"assets.id in ({ids} union {tops_of(ids)})", [written] * 2


class Is(Filter):
    key: ClassVar[str] = "is"
    hint: ClassVar[str] = (
        "is:favourite, is:hidden, is:trashed, is:stacked, is:moving; is:memory, a photo or film "
        "that is none of is:screenshot, is:receipt, is:document or is:meme"
    )
    conditions: ClassVar[dict[str, str]] = {
        "favourite": "assets.favourite = 1",
        "hidden": "assets.hidden = 1",
        "trashed": "assets.trashed_at is not null",
        "stacked": "assets.top_id is not null",  # under another
        "moving": f"assets.id in ({MOVING})",  # live and motion photos
        "memory": MEMORIES,
    }

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        plain = {"private": "hidden"}.get(value.lower(), value)
        return cls(_one_of(plain, (*cls.conditions, *LOOKS), "is"))

    def where(self) -> Where:
        if self.value in LOOKS:
            return HAS_LOOK, [self.value]
        return self.conditions[self.value], []

    def words(self) -> str:
        return self.value

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return always((*cls.conditions, *LOOKS))


class Has(Filter):
    key: ClassVar[str] = "has"
    hint: ClassVar[str] = (
        "has:gps, has:place, has:caption, has:title, has:rating, has:tags, has:text, has:motion "
        "or has:stack"
    )
    conditions: ClassVar[dict[str, str]] = {
        "gps": "assets.latitude is not null",
        "place": "assets.id in (select asset_id from places)",
        "caption": "assets.id in (select asset_id from captions)",
        "title": "assets.title is not null",
        "rating": "assets.rating is not null",
        "tags": "assets.id in (select asset_id from tags)",
        "camera": "assets.camera is not null",
        "text": """assets.id in (
            select asset_id from ocr_pages union select asset_id from document_pages)""",
        "motion": f"assets.id in ({MOVING})",
        "stack": "assets.id in (select top_id from assets where top_id is not null)",
    }

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        plain = {"tag": "tags", "location": "gps"}.get(value.lower(), value)
        return cls(_one_of(plain, tuple(cls.conditions), "has"))

    def where(self) -> Where:
        return self.conditions[self.value], []

    def words(self) -> str:
        return f"has {'GPS' if self.value == 'gps' else self.value}"

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return always(cls.conditions)


@dataclass(frozen=True)
class Rating(Filter):
    least: int = 0
    most: int = 5

    key: ClassVar[str] = "rating"
    hint: ClassVar[str] = "rating:5, rating:4+ or rating:2..4"
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        match = re.fullmatch(r"([0-5])(?:(\+)|\.\.([0-5]))?", value)
        if not match:
            raise BadInput(
                f"{value!r} is not a rating", hint="Write rating:5, rating:4+ or rating:2..4"
            )
        least = int(match[1])
        return cls(value, False, least, 5 if match[2] else int(match[3] or least))

    def where(self) -> Where:
        return "assets.rating between ? and ?", [self.least, self.most]
