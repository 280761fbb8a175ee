"""What was brought from elsewhere: each export, its parts, and what became of every entry in them.

`imports.jsonl` holds the same. Lines are written in the transaction of the rows they speak of
(`import_log`) and appended to the file after it; of two lines about one row the later counts, so a
line that a cut made come twice does no harm.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from albums.library.database import Library
from albums.library.lines import append_lines, last_line, whole_lines

FILE = "imports.jsonl"
Status = Literal["ingested", "duplicate", "deleted", "paper", "empty", "failed", "skipped"]
_TABLES = {
    "import": "imports",
    "part": "import_parts",
    "entry": "import_entries",
    "album": "import_albums",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One export of one service, however many parts of it came, and whenever."""

    id: int
    source: str  # takeout, folder, ...
    name: str  # takeout-20240516T230250Z
    began_at: str  # UTC, when its first part came


@dataclass(frozen=True, slots=True)
class PartRow:
    """An archive or a folder. `key` tells it from others, whatever it is called today."""

    id: int
    import_id: int
    key: str
    name: str
    number: int | None  # as its name says
    kind: str  # zip, tgz, tar, folder
    size: int  # bytes
    sha: str | None = None  # SHA-256 of an archive, hex; None until it was read to its end
    whole: bool = False  # gone through to its end, and nothing in its structure is damaged
    problem: str = ""
    superseded: bool = False  # the same part came again, whole: this one no longer counts


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of a part, and what became of it.

    status: ingested, duplicate: kept as the asset `sha`; deleted: the owner deleted these bytes
    before; paper: it speaks of other files, and is kept verbatim here; empty: no bytes; failed:
    `why`; skipped: a folder or link, which has no bytes.
    """

    id: int
    part_id: int
    position: int  # in its part
    path: str
    size: int  # bytes; 0 where they could not be read
    sha: str | None  # SHA-256, hex
    kind: str  # photo, video, document, audio, other, paper, folder, link, apple-double
    status: Status
    why: str = ""
    captured: str | None = None  # ISO 8601, by the file itself
    content_id: str | None = None  # Apple's, the same in a still and its clip
    modified_ns: int | None = None
    paper: bytes | None = None


@dataclass(frozen=True, slots=True)
class AlbumRow:
    """Which collection an album of an export became, whatever the collection is called today."""

    id: int
    import_id: int
    key: str  # as the export knows it
    collection: str


class Imports:
    """The rows and the file. Safe to use from any thread."""

    def __init__(self, library: Library, file: Path) -> None:
        self.library = library
        self.file = file
        self._appending = threading.Lock()
        last_line(file)  # cuts off half a line
        self.append()

    def append(self) -> None:
        """Bring the file up to date with what is committed. Raises OSError."""
        with self._appending:
            with self.library.read() as db:
                rows = db.execute("select id, line from import_log order by id").fetchall()
            if not rows:
                return
            append_lines(self.file, (row["line"].encode() + b"\n" for row in rows))
            with self.library.write(durable=False) as db:
                db.execute("delete from import_log where id <= ?", (rows[-1]["id"],))


def open_import(db: sqlite3.Connection, source: str, name: str, at: str) -> Import:
    """The import of this name, begun now if it is new."""
    row = db.execute(
        "select * from imports where source = ? and name = ?", (source, name)
    ).fetchone()
    if row:
        return Import(**dict(row))
    made = Import(_next(db, "imports"), source, name, at)
    _put(db, "import", made)
    return made


def open_part(db: sqlite3.Connection, part: PartRow) -> PartRow:
    """The part of this key, new with another `id` than given if it was not there."""
    row = db.execute(
        "select * from import_parts where import_id = ? and key = ?", (part.import_id, part.key)
    ).fetchone()
    if row:
        return _part(row)
    made = replace(part, id=_next(db, "import_parts"))
    _put(db, "part", made)
    return made


def put_part(db: sqlite3.Connection, part: PartRow) -> None:
    """Replace what is known of a part."""
    _put(db, "part", part)


def put_entry(db: sqlite3.Connection, entry: EntryRow) -> EntryRow:
    """Write an entry down, in place of what was known of this position of its part."""
    row = db.execute(
        "select id from import_entries where part_id = ? and position = ?",
        (entry.part_id, entry.position),
    ).fetchone()
    number = row["id"] if row else _next(db, "import_entries")
    whole = replace(entry, id=number)
    _put(db, "entry", whole)
    return whole


def put_album(db: sqlite3.Connection, album: AlbumRow) -> None:
    """Remember the collection of an album; the first one said stands."""
    row = db.execute(
        "select 1 from import_albums where import_id = ? and key = ?",
        (album.import_id, album.key),
    ).fetchone()
    if row is None:
        _put(db, "album", replace(album, id=_next(db, "import_albums")))


def albums_of(db: sqlite3.Connection, import_id: int) -> dict[str, str]:
    """The collection of each album, by its key."""
    rows = db.execute("select key, collection from import_albums where import_id = ?", (import_id,))
    return {row["key"]: row["collection"] for row in rows}


def imports(db: sqlite3.Connection, source: str | None = None) -> list[Import]:
    """Oldest first."""
    rows = db.execute(
        "select * from imports where ?1 is null or source = ?1 order by id", (source,)
    )
    return [Import(**dict(row)) for row in rows]


def parts_of(db: sqlite3.Connection, import_id: int) -> list[PartRow]:
    """By number and name."""
    rows = db.execute(
        """select * from import_parts where import_id = ?
           order by number is null, number, name, key""",
        (import_id,),
    )
    return [_part(row) for row in rows]


def entries_of(db: sqlite3.Connection, part_id: int) -> Iterator[EntryRow]:
    """In the order in which they lie in the part."""
    rows = db.execute(
        "select * from import_entries where part_id = ? order by position", (part_id,)
    )
    return (EntryRow(**dict(row)) for row in rows)


def import_lines(db: sqlite3.Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind of row (import, part, entry, album) and content of all there is, by number."""
    for kind, table in _TABLES.items():
        for row in db.execute(f"select * from {table} order by id"):
            yield kind, _readable(dict(row))


def fill_imports(db: sqlite3.Connection, file: Path) -> None:
    """The rows of what the file holds. Raises ValueError, KeyError, TypeError for what makes no
    sense."""
    for line in whole_lines(file):
        [(kind, content)] = json.loads(line).items()
        _write(db, kind, _as_row(content))


Row = Import | PartRow | EntryRow | AlbumRow


def _put(db: sqlite3.Connection, kind: str, item: Row) -> None:
    content = _fields(item)
    _write(db, kind, content)
    line = json.dumps({kind: _readable(content)}, ensure_ascii=False, sort_keys=True)
    db.execute("insert into import_log (line) values (?)", (line,))


def _write(db: sqlite3.Connection, kind: str, content: dict[str, Any]) -> None:
    columns = ", ".join(content)
    values = ", ".join(f":{column}" for column in content)
    db.execute(f"insert or replace into {_TABLES[kind]} ({columns}) values ({values})", content)


def _next(db: sqlite3.Connection, table: str) -> int:
    """Numbers are never given twice: rows are replaced, not removed."""
    return int(db.execute(f"select coalesce(max(id), 0) + 1 from {table}").fetchone()[0])


def _fields(item: Row) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _part(row: sqlite3.Row) -> PartRow:
    content = dict(row)
    return PartRow(**content | {name: bool(content[name]) for name in ("whole", "superseded")})


def _readable(content: dict[str, Any]) -> dict[str, Any]:
    """As JSON can hold it: a paper is text, or base64 where it is none."""
    content = dict(content)
    raw = content.pop("paper", None)
    if raw is None:
        return content
    try:
        return content | {"paper_text": raw.decode()}
    except UnicodeDecodeError:
        return content | {"paper_base64": base64.b64encode(raw).decode()}


def _as_row(content: dict[str, Any]) -> dict[str, Any]:
    """The reverse of `_readable`."""
    text, encoded = content.pop("paper_text", None), content.pop("paper_base64", None)
    if text is not None:
        content["paper"] = text.encode()
    elif encoded is not None:
        content["paper"] = base64.b64decode(encoded)
    return content
