"""What may be deleted where an export came from, now; what not yet, and why.

A photo may go only when every file of it is proven, still here, and in a second copy made after
the receipt. Whoever deletes cannot take it back, so whatever is in doubt stays.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from albums.library.damage import IS_DAMAGED
from albums.library.database import Library
from albums.library.import_receipts import Line, expect_whole, lines_with, receipt_file
from albums.sources.importing.receipt import Receipt, read_receipt
from albums.sources.importing.verdicts import PHOTOS

State = Literal["now", "not yet", "not covered"]
NO_COPY = "No second copy was made since it came in"
_REASONS = 20  # that are told apart
_STAMP = re.compile(r"(\d{8}T\d{6})Z")  # in the name of an export: when it was made
_MARKS = ('"type": "entry"', '"type": "announced"')


@dataclass(slots=True)
class Item:
    """One photo there, with all files of it. `why` is empty where it may be deleted."""

    path: str  # of its first file, in the export
    url: str | None
    state: State = "now"
    why: str = ""
    files: int = 1

    def not_yet(self, why: str) -> None:
        """The first reason stands."""
        if self.state == "now":
            self.state, self.why = "not yet", why

    def as_json(self, link: str) -> dict[str, Any]:
        return {"state": self.state, "why": self.why, "path": self.path, link: self.url,
                "files": self.files}  # fmt: skip


@dataclass(frozen=True)
class Deletable:
    """All photos that a receipt speaks of, and those that it does not cover."""

    receipt: Receipt
    second_copy_at: str | None  # UTC
    items: list[Item] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def link(self) -> str:
        """What the address of a photo is called."""
        return "google_url" if self.receipt.source == "takeout" else "url"

    def counts(self) -> dict[str, int]:
        found = Counter(item.state for item in self.items)
        return {state: found[state] for state in ("now", "not yet", "not covered")}

    def reasons(self) -> dict[str, int]:
        """How many wait for what, most first; the rarest are put together."""
        found = Counter(item.why for item in self.items if item.why).most_common()
        rest = sum(count for _, count in found[_REASONS:])
        return dict(found[:_REASONS]) | ({"Other reasons": rest} if rest else {})

    def rows(self) -> Iterator[dict[str, Any]]:
        return (item.as_json(self.link) for item in self.items)


def deletable(library: Library, number: int, second_copy_at: str | None) -> Deletable:
    """Ask the receipt and the library as it is now. `second_copy_at`: UTC, of the last good backup.

    Raises NotFound; DamagedReceipt where the receipt is not what was written.
    """
    folder = library.path.parent
    file = receipt_file(folder, number)
    with library.read() as db:
        expect_whole(db, file)
        receipt = read_receipt(folder, number)
        copied = second_copy_at is not None and second_copy_at > receipt.seal["ended_at"]
        items = _items(db, lines_with(file, *_MARKS), copied=copied)
        items += _not_covered(db, receipt)
    return Deletable(receipt, second_copy_at, items, list(_remarks(file)))


def _items(db: sqlite3.Connection, lines: Iterable[Line], *, copied: bool) -> list[Item]:
    """By link; what has none by its bytes, unless the same bytes have one."""
    linked: dict[str, Item] = {}
    others: dict[str, Item] = {}
    linked_bytes: set[str] = set()
    announced: list[Item] = []
    for line in lines:
        if line["type"] == "announced":
            announced.append(_announced(line))
        elif line["type"] == "entry" and line["verdict"] is not None:
            url, sha = line.get("google_url") or line.get("url"), line["asset"]
            if url and sha:
                linked_bytes.add(sha)
            group, key = (linked, url) if url else (others, sha or line["part"] + line["path"])
            item = group.get(key)
            if item is None:
                item = group[key] = Item(line["path"], url)
            else:
                item.files += 1
            _weigh(db, item, line, copied=copied)
    alone = (item for key, item in others.items() if key not in linked_bytes)
    return [*linked.values(), *alone, *announced]


def _weigh(db: sqlite3.Connection, item: Item, line: Line, *, copied: bool) -> None:
    if line["verdict"] != "proven":
        item.not_yet(line["why"] or "It is not proven")
    elif why := _gone(db, line["asset"]):
        item.not_yet(why)
    elif not copied:
        item.not_yet(NO_COPY)


def _gone(db: sqlite3.Connection, sha: str) -> str:
    """What happened here to a proven photo since; empty: nothing."""
    row = db.execute(
        f"select trashed_at, {IS_DAMAGED} as damaged from assets where sha = ?", (sha,)
    ).fetchone()
    if row is None:
        return "You deleted it here since"
    if row["trashed_at"]:
        return "It lies in the trash here"
    return "It was found damaged here since" if row["damaged"] else ""


def _announced(line: Line) -> Item:
    why = line["why"] or "It is announced, and was not in the export"
    return Item(line["title"], line["url"], "not yet", why, files=0)


def _not_covered(db: sqlite3.Connection, receipt: Receipt) -> Iterator[Item]:
    """Photos taken after the export was made: it cannot hold them, wherever else they are."""
    made_at = exported_at(receipt.name)
    if made_at is None:
        return
    rows = db.execute(
        f"""select name from assets where captured_utc > ? and trashed_at is null
            and kind in {PHOTOS} and not exists (
                select 1 from import_entries entry
                join import_parts part on part.id = part_id
                join imports on imports.id = import_id
                where entry.sha = assets.sha and imports.source = ? and imports.name = ?)
            order by captured_utc, id""",
        (int(made_at.timestamp()), receipt.source, receipt.name),
    )
    why = "Added after the export, not covered by it"
    yield from (Item(row["name"], None, "not covered", why) for row in rows)


def exported_at(name: str) -> datetime | None:
    """When an export of this name was made; None where it does not say."""
    match = _STAMP.search(name)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _remarks(file: Path) -> Iterator[str]:
    for line in lines_with(file, '"type": "gap"', '"type": "unreadable"', '"whole": false'):
        if line["type"] == "gap":
            yield (f"Nobody knows what is in the missing parts {_listed(line['missing'])}: "
                   "what no list names here must stay.")  # fmt: skip
        elif line["type"] == "unreadable" or (line["type"] == "part" and not line["superseded"]):
            name = line.get("name") or Path(line["path"]).name
            yield f"{name} was not read to its end: what no list names here must stay."


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" ..." if len(numbers) > 20 else "")
