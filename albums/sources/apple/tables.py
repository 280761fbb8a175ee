"""The tables of an export: "Photo Details.csv" with a row a file, and lists of names (albums).

Source: exports that people described, github.com/simulot/immich-go issues 853, 924 (empty tables)
and 1314 (one name in several parts), and its adapters/folder/icloud.go; github search for
"imgName,fileChecksum". Times are in GMT, to the minute.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from albums.sources.typed import flag, text

_LONGEST = 131_072  # characters of a field
_NAMES = ("imgname", "images", "imagename", "image name", "image")  # headings of lists
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHEN = re.compile(  # Saturday June 4,2022 12:11 PM GMT
    r"(?:[A-Za-z]+,?\s+)?(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s*(?P<year>\d{4}),?\s+"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp][Mm])?\s*"
    r"(?:GMT|UTC)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What Apple says of a file."""

    paper: int  # the thing that it stands in
    name: str
    checksum: str = ""  # Apple's own: 0x01 and a salted SHA-1, in base64
    favourite: bool = False
    hidden: bool = False
    deleted: bool = False
    taken: datetime | None = None  # UTC
    imported: datetime | None = None  # UTC
    line: str = ""  # as it stands there


@dataclass(frozen=True, slots=True)
class NameList:
    """An album, a memory, or one of Apple's own lists. system: as Favorites and Hidden are."""

    names: tuple[str, ...]
    system: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    rows: tuple[Row, ...]
    odd_dates: int = 0  # that cannot be understood


def read_table(raw: bytes, paper: int, *, listing: bool) -> Details | NameList | None:
    """None where it is no table of Apple's. `listing`: it lies where lists of names lie, of which
    some are empty."""
    rows = [row for row in _rows(raw) if any(cell.strip() for cell in row)]
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "imgname" in heading and len(heading) > 1:
        return _details(heading, rows[1:], paper)
    if heading and (len(heading) == 1 and heading[0] in _NAMES):
        names = (text(row[0]) for row in rows[1:])
        return NameList(tuple(name for name in names if name), heading[0] == "imgname")
    return NameList(()) if listing and not rows else None


def _rows(raw: bytes) -> Iterator[list[str]]:
    try:
        for row in csv.reader(io.StringIO(raw.decode("utf-8-sig", "replace"), newline="")):
            if any(len(field) > _LONGEST for field in row):
                return  # what comes after is no table
            yield row
    except csv.Error:  # the same, where the limit of the process is lower
        return


def _details(heading: list[str], rows: list[list[str]], paper: int) -> Details:
    read, odd = [], 0
    for cells in rows:
        said = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
        name = text(said.get("imgname"))
        if name is None:
            continue
        taken, imported = (moment(said.get(c, "")) for c in ("originalcreationdate", "importdate"))
        odd += taken is None and bool(said.get("originalcreationdate"))
        read.append(
            Row(
                paper,
                name,
                said.get("filechecksum", ""),
                flag(said.get("favorite")),
                flag(said.get("hidden")),
                flag(said.get("deleted")),
                taken,
                imported,
                ",".join(cells)[:1000],
            )
        )
    return Details(tuple(read), odd)


def moment(said: str) -> datetime | None:
    """ "Saturday June 4,2022 12:11 PM GMT" -> UTC; ISO 8601 too."""
    found = _WHEN.fullmatch(" ".join(said.split()))
    try:
        return _written(found) if found else _iso(said)
    except ValueError:
        return None


def _written(found: re.Match[str]) -> datetime:
    month, hour, half = found["month"][:3].lower(), int(found["hour"]), found["half"]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    return datetime(
        int(found["year"]), _MONTHS.index(month) + 1, int(found["day"]),
        hour, int(found["minute"]), int(found["second"] or 0), tzinfo=UTC,
    )  # fmt: skip


def _iso(said: str) -> datetime | None:
    if len(said.strip()) < len("2022-06-04T12:11"):
        return None
    when = datetime.fromisoformat(said.strip())
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
