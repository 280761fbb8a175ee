"""What a file says of itself: its tags are kept whole, and claims are drawn from them."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from albums.errors import Undecodable
from albums.ingest.facts import claims_from
from albums.ingest.facts.words_in_file import keywords
from albums.ingest.step import Done, Failed, Lane, Outcome, Tools
from albums.library.assets import Asset
from albums.library.facts import RULE, Claim, claims_of, replace_claims, settle
from albums.library.tags import normal_tag, refused_tags, replace_tags
from albums.media import exif

log = logging.getLogger(__name__)
# Never a person's, never what came with the file.
_OURS = ("exif", "xmp", "iptc", "container", "name", "instant", "file")
# Fields of others' claims: what tells when it was, and what becomes tags as the file's own words.
_HEEDED = ("location", "instant", "keywords")


@dataclass(frozen=True)
class _Known:
    """What the library knows of an asset beside its bytes."""

    names: tuple[str, ...]  # as they arrived, first first
    modified_ns: int | None  # the oldest time on disk
    said: tuple[Claim, ...]  # of _HEEDED, by a person or by what came with the file
    tags: str | None  # as this step wrote them before
    claims: frozenset[str]  # that this step drew before
    words: frozenset[str]  # that this step made tags of before
    refused: frozenset[str]  # tags that the person took off

    def new_words(self, tags: dict[str, Any]) -> list[str]:
        """Keywords of the file, and what an export or a sidecar says beside it."""
        beside = (claim.value for claim in self.said if claim.field == "keywords")
        return [*keywords(tags), *(word for words in beside for word in words)]

    def has_tags_of(self, words: Iterable[str]) -> bool:
        return {*map(normal_tag, words)} - self.refused - {""} == self.words


class FactsStep:
    """A file that cannot be read still has a name and a time."""

    name = "facts"
    lane: Lane = "cpu"
    batch = 8
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "2"  # films, and what they say of time and place

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""
            create table if not exists exif (
                asset_id integer primary key references assets on delete cascade,
                tags text not null                 -- JSON: every tag of the file as written
            )""")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        with tools.library.read() as db:
            known = [_known(db, asset) for asset in assets]
        now = datetime.now(UTC)
        return [self._facts(a, k, tools, now) for a, k in zip(assets, known, strict=True)]

    def _facts(self, asset: Asset, known: _Known, tools: Tools, now: datetime) -> Outcome:
        original = tools.vault.originals.path(asset.sha, asset.extension)
        if not original.is_file():
            return Failed("The original is missing from the disk")
        tags: dict[str, Any] = {}
        again = False
        if asset.kind in ("photo", "video", "document"):
            try:
                tags = tools.sandbox.call(exif.read, original, asset.name)
            except Undecodable as error:
                log.warning("the tags of %s cannot be read: %s", asset.name, error)
                tags = {"warnings": [str(error)]}
                again = error.facts.get("again") is True
        claims = claims_from(
            tags, known.names, known.modified_ns, known.said, home=tools.home, now=now
        )

        text, words = json.dumps(tags, ensure_ascii=False), known.new_words(tags)

        def write(db: sqlite3.Connection) -> None:
            db.execute(
                "insert or replace into exif (asset_id, tags) values (?, ?)", (asset.id, text)
            )
            replace_claims(db, asset.id, _OURS, claims)
            replace_tags(db, asset.id, "file", [(word, 1.0) for word in words])
            settle(db, asset.id, tools.home)

        warning = " ".join(tags.get("warnings", ()))
        if again:  # an earlier attempt may have read more
            return Failed(warning, True, write) if known.tags is None else Failed(warning, True)
        same = (text, _spelt_out(claims)) == (known.tags, known.claims)
        return Done(write, warning, not (same and known.has_tags_of(words)))


def _known(db: sqlite3.Connection, asset: Asset) -> _Known:
    arrivals = db.execute(
        "select name, modified_ns from arrivals where asset_id = ? order by id", (asset.id,)
    ).fetchall()
    names = dict.fromkeys([asset.name, *(row["name"] for row in arrivals)])
    times = [row["modified_ns"] for row in arrivals if row["modified_ns"]]
    row = db.execute("select tags from exif where asset_id = ?", (asset.id,)).fetchone()
    claims = claims_of(db, asset.id)
    tagged = db.execute("select tag from tags where asset_id = ? and source = 'file'", (asset.id,))
    return _Known(
        tuple(names),
        min(times, default=None),
        tuple(c for c in claims if c.field in _HEEDED and c.source not in (*_OURS, RULE)),
        row["tags"] if row else None,
        _spelt_out(c for c in claims if c.source in _OURS),
        frozenset(row["tag"] for row in tagged),
        frozenset(refused_tags(db, asset.id)),
    )


def _spelt_out(claims: Iterable[Claim]) -> frozenset[str]:
    """Claims as they are kept, to be compared: the last of a field and source."""
    last = {(claim.field, claim.source): claim for claim in claims}
    return frozenset(json.dumps(claim.as_json(), sort_keys=True) for claim in last.values())
