"""The lines of a receipt up to its seal. Two imports of the same parts give the same lines.

They are made one by one: an export of half a million entries needs no more memory than a small one.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from albums import __version__
from albums.library.import_receipts import Line
from albums.library.imports import EntryRow, Import, PartRow, entries_of, parts_of
from albums.sources.archives.parts import Parts
from albums.sources.importing.kind import Album, Said, Understood
from albums.sources.importing.survivors import Survivors
from albums.sources.importing.tally import Tally
from albums.sources.importing.verdicts import (
    EACH_HAS_A_PAPER,
    PHOTOS,
    Judged,
    ReadBack,
    is_conflict,
    judge_landed,
    judge_paper,
    judge_without_bytes,
)

VERSION = 1  # of the lines
_NOTHING = Said()


@dataclass(frozen=True)
class Brought:
    """What an import knows at its end.

    `reread`: for each original, by SHA-256, what was wrong when it was read back ("": nothing).
    `options`: what the person asked for that changes what is done; not when, not where from.
    """

    whole: Import
    found: Parts
    understood: Understood
    reread: Mapping[str, ReadBack]
    began_at: str  # UTC, of this run
    options: Mapping[str, Any] = field(default_factory=dict)
    second_copy_at: str | None = None  # UTC, of the last good backup


class Lines:
    """Makes the lines; `tally` is complete once they were all taken."""

    def __init__(self, db: sqlite3.Connection, brought: Brought) -> None:
        self.db, self.brought = db, brought
        self.parts = parts_of(db, brought.whole.id)
        self.labels = _labels(self.parts)
        self.tally = Tally()
        self.not_landed: set[int] = set()  # entries
        self._survivors = Survivors(db, brought.whole.id, brought.reread, self.labels)
        # Of a tar only the checksum over all of it says that its entries are right.
        self._unsure = {p.id for p in self.parts if p.kind in ("tgz", "tar") and not p.whole}
        self._seen: set[bytes] = set()  # originals that are counted as read back
        self.link = "google_url" if brought.whole.source == "takeout" else "url"

    @property
    def current(self) -> list[PartRow]:
        """The parts that count."""
        return [part for part in self.parts if not part.superseded]

    @property
    def gaps(self) -> list[int]:
        """Numbers that no part has that was ever brought. The last number no name tells."""
        numbers = {part.number for part in self.parts if part.number is not None}
        return [n for n in range(1, max(numbers, default=0)) if n not in numbers]

    def __iter__(self) -> Iterator[Line]:
        yield self._header()
        yield from map(self._part, self.parts)
        yield from self._around()
        for part in self.current:
            yield from self._entries(part)
        yield from self._announced()
        yield from map(self._collection, self.brought.understood.albums)
        yield self.tally.as_json()

    def _header(self) -> Line:
        whole = self.brought.whole
        return {
            "type": "receipt", "version": VERSION, "source": whole.source, "import": whole.name,
            "program": __version__, "options": dict(self.brought.options),
        }  # fmt: skip

    def _part(self, part: PartRow) -> Line:
        return {
            "type": "part", "name": self.labels[part.id], "number": part.number, "kind": part.kind,
            "size": part.size, "sha256": part.sha, "whole": part.whole, "problem": part.problem,
            "superseded": part.superseded,
        }  # fmt: skip

    def _around(self) -> Iterator[Line]:
        """What is missing between the parts, and what lay beside them."""
        found = self.brought.found
        if self.gaps:
            yield {"type": "gap", "export": self.brought.whole.name, "missing": self.gaps}
        for unreadable in found.unreadable:
            place, problem = str(unreadable.path), unreadable.problem
            yield {"type": "unreadable", "path": place, "problem": problem}
        for path, same in found.repeated:
            yield {"type": "repeated", "path": str(path), "equals": str(same)}
        for kind, paths in (("twin", found.twins), ("beside", found.beside)):
            for path in paths:
                yield {"type": kind, "path": str(path)}

    def _entries(self, part: PartRow) -> Iterator[Line]:
        label = self.labels[part.id]
        self.tally.begin_part(label, *_weight(self.db, part))
        for row in entries_of(self.db, part.id):
            line, judged = self._entry(label, row)
            self.tally.count(label, row, judged)
            if judged.is_lost:
                self.not_landed.add(row.id)
            yield line

    def _entry(self, part: str, row: EntryRow) -> tuple[Line, Judged]:
        said = self.brought.understood.said.get(row.id, _NOTHING)
        judged = self._judge(row, said)
        landed = row.status in ("ingested", "duplicate")
        papers = self._paths(said.papers)
        line: Line = {
            "type": "entry", "part": part, "path": row.path, "size": row.size, "sha256": row.sha,
            "fate": judged.fate, "asset": row.sha if landed else None,
            "sidecar": papers[0] if papers else None,
            "pairing": said.pairing, "rule": said.rule,
            "verdict": judged.verdict, self.link: said.url, "survivor": None, "why": judged.why,
        }  # fmt: skip
        if len(papers) > 1:
            line["sidecars"] = papers
        if landed and not self._survivors.is_first(row):
            line["survivor"] = self._survivors.survivor(row)
        if landed and row.kind in PHOTOS and is_conflict(row.captured, said.taken):
            line["captured_conflict"] = {"file": row.captured, "export": said.taken}
            self.tally.conflicts += 1
        return line, judged

    def _judge(self, row: EntryRow, said: Said) -> Judged:
        if row.status == "paper":
            return self._judge_paper(row)
        if row.status not in ("ingested", "duplicate"):
            return judge_without_bytes(row)
        assert row.sha
        held = self._survivors.held(row.sha)
        self._count_reading(row.sha, held.size, held.reread)
        return judge_landed(
            row, said, held, is_first=self._survivors.is_first(row),
            expects_paper=self._expects_paper(row), sure=row.part_id not in self._unsure,
        )  # fmt: skip

    def _expects_paper(self, row: EntryRow) -> bool:
        """Of photos in Drive and among contacts a Takeout never says anything."""
        source, said = self.brought.whole.source, self.brought.understood.said
        elsewhere = source == "takeout" and said and row.id not in said
        return source in EACH_HAS_A_PAPER and not elsewhere

    def _judge_paper(self, row: EntryRow) -> Judged:
        equal = row.paper is not None and hashlib.sha256(row.paper).hexdigest() == row.sha
        self.tally.reread.add(row.size)
        self.tally.differ += not equal
        return judge_paper(row, self.brought.understood.papers.get(row.id), equal=equal)

    def _count_reading(self, sha: str, size: int | None, reread: ReadBack) -> None:
        """Each original once, however many entries are the same."""
        known = bytes.fromhex(sha)
        if known in self._seen or reread is None:
            return
        self._seen.add(known)
        self.tally.reread.add(size or 0)
        self.tally.differ += bool(reread)

    def _paths(self, ids: tuple[int, ...]) -> list[str]:
        found = (self._path(number) for number in ids)
        return [path for path in found if path is not None]

    def _path(self, number: int) -> str | None:
        row = self.db.execute("select path from import_entries where id = ?", (number,)).fetchone()
        return row["path"] if row else None

    def _announced(self) -> Iterator[Line]:
        lines = [
            {
                "type": "announced", "title": photo.title, "url": photo.url, "taken": photo.taken,
                "sidecar": self._path(photo.paper), "why": photo.why,
                "perhaps": list(photo.perhaps),
            }
            for photo in self.brought.understood.announced
        ]  # fmt: skip
        self.tally.announced = len(lines)
        yield from sorted(lines, key=_text)

    def _collection(self, album: Album) -> Line:
        return {
            "type": "collection", "key": album.key, "title": album.title,
            "expected": album.expected, "untitled": album.untitled, "absent": list(album.absent),
            "landed": sum(member not in self.not_landed for member in album.members),
        }  # fmt: skip


def _labels(parts: list[PartRow]) -> dict[int, str]:
    """Two folders may be called the same."""
    labels, seen = {}, Counter[str]()
    for part in parts:
        seen[part.name] += 1
        labels[part.id] = part.name if seen[part.name] == 1 else f"{part.name} ({seen[part.name]})"
    return labels


def _weight(db: sqlite3.Connection, part: PartRow) -> tuple[int, int]:
    """Entries and bytes of a part, as the journal counts them: up to the last position."""
    row = db.execute(
        """select coalesce(max(position) + 1, 0) as files, coalesce(sum(size), 0) as bytes
           from import_entries where part_id = ?""",
        (part.id,),
    ).fetchone()
    return row["files"], row["bytes"]


def _text(line: Line) -> str:
    return json.dumps(line, sort_keys=True)
