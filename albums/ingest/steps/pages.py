"""The text of every page of a document, and how many pages there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.documents import keep_document, make_table
from albums.library.texts import Line, Page, make_tables, replace_pages
from albums.media import documents

_PAGES = 20_000  # of a document that are read
_CHARACTERS = 50_000_000  # of a document that are indexed: some thirty thick books
_AT_ONCE = 100  # pages a call of a decoder
_GIVEN_UP = 3  # calls that break on a single page


class PagesStep:
    """Reads in many short calls: one page that breaks its reader costs that page."""

    name = "pages"
    lane: Lane = "cpu"
    batch = 8
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_table(db)
        make_tables(db, "document")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._read(asset, tools) for asset in assets]

    def _read(self, asset: Asset, tools: Tools) -> Outcome:
        if asset.kind != "document":
            return Skipped("It is not a document")
        if not documents.readable(asset.mime):
            return Skipped(f"Nothing here reads the text of {asset.mime} yet")
        original = tools.vault.originals.path(asset.sha, asset.extension)
        try:
            text = _text_of(original, tools)
        except Undecodable as error:
            return Failed(str(error), again=error.facts.get("again") is True)

        def write(db: sqlite3.Connection) -> None:
            keep_document(db, asset.id, text.pages, text.read)
            replace_pages(db, asset.id, "document", text.written)

        return Done(write, text.warning)


@dataclass
class _Text:
    """What was read so far. `written`: the pages with text."""

    pages: int = 0
    read: int = 0
    written: list[Page] = field(default_factory=list)
    characters: int = 0
    broken: list[int] = field(default_factory=list)
    cut: str = ""  # what its reader left out

    def add(self, answer: dict[str, Any]) -> None:
        self.pages, self.cut = answer["pages"], answer.get("cut", "")
        for number, lines in answer["read"]:
            self.read = number
            self.characters += sum(len(line[0]) for line in lines)
            if lines:
                placed = (
                    Line(t, tuple(b) if b else None, sure, turn) for t, b, sure, turn in lines
                )
                self.written.append(Page(number, tuple(placed)))

    @property
    def complete(self) -> bool:
        return self.read >= min(self.pages, _PAGES) or self.characters > _CHARACTERS

    @property
    def warning(self) -> str:
        parts = [self.cut] if self.cut else []
        if self.broken:
            parts.append(f"Page {', '.join(map(str, self.broken))} could not be read.")
        if self.read < self.pages:
            parts.append(
                f"Only the first {self.read:,} of {self.pages:,} pages are found by their words."
            )
        return " ".join(parts)


def _text_of(original: Path, tools: Tools) -> _Text:
    """Raises Undecodable where it cannot be opened, or too many pages break their reader."""
    text = _Text()
    careful_until = 0
    while not text.pages or not text.complete:
        first = text.read + 1
        last = first if first <= careful_until else first + _AT_ONCE - 1
        try:
            answer = tools.sandbox.call(documents.read_pages, original, first, last)
        except Undecodable:
            if not text.pages and first == last:
                raise
            if first < last:  # whose fault is it?
                careful_until = last
                continue
            text.broken.append(first)
            if len(text.broken) == _GIVEN_UP:
                break
            answer = {"pages": text.pages, "read": [[first, []]]}
        text.add(answer)
        if not answer["read"]:
            break
    return text
