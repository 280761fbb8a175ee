"""Cells of an Excel sheet as text: shared strings, numbers, and numbers that are dates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from albums.media.flow import Flow
from albums.media.package import Package, too_large

_COLUMNS = 200  # of a row
_STRINGS = 50_000_000  # characters of a workbook's shared strings
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # formats built in
_DAY_ZERO = datetime(1899, 12, 30)
_LAST_DAY = 2_900_000  # in the year 9839


def shared_strings(parts: Package, name: str) -> list[str]:
    """The texts that cells name by number."""
    strings: list[str] = []
    pieces: list[str] = []
    inside = ""
    room = _STRINGS

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        inside = tag
        if tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        nonlocal inside, room
        inside = ""
        if tag == "si":
            strings.append("".join(pieces))
            room -= len(strings[-1]) + 20
            if room < 0:
                raise too_large("its table of texts has no end")

    def text(piece: str) -> None:
        if inside == "t":
            pieces.append(piece)

    if name in parts.names:
        parts.walk(name, start, end, text)
    return strings


def styles_of_dates(parts: Package, name: str) -> set[int]:
    """Numbers of the cell styles that show a number as a date."""
    formats: set[int] = set(_DATES)
    found: set[int] = set()
    count = 0
    within = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, within
        if tag == "numFmt" and _is_date(attributes.get("formatCode", "")):
            formats.add(_number(attributes.get("numFmtId")))
        elif tag == "cellXfs":
            within = True
        elif tag == "xf" and within:
            if _number(attributes.get("numFmtId")) in formats:
                found.add(count)
            count += 1

    def end(tag: str) -> None:
        nonlocal within
        within = within and tag != "cellXfs"

    if name in parts.names:
        parts.walk(name, start, end, lambda text: None)
    return found


def read_sheet(parts: Package, name: str, strings: list[str], dates: set[int], into: Flow) -> None:
    """Every row as a paragraph, its cells parted by tabs."""
    row: list[str] = []
    pieces: list[str] = []
    cell: dict[str, str] = {}
    inside = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside, cell
        inside = tag
        if tag == "row":
            row.clear()
        elif tag == "c":
            cell = attributes
            pieces.clear()

    def end(tag: str) -> None:
        nonlocal inside
        inside = ""
        if tag == "c" and len(row) < _COLUMNS:
            row.append(_shown("".join(pieces), cell, strings, dates))
        elif tag == "row" and any(row):
            into.add("\t".join(row).rstrip("\t"))

    def text(piece: str) -> None:
        if inside in ("v", "t"):
            pieces.append(piece)

    parts.walk(name, start, end, text)


def _shown(value: str, cell: dict[str, str], strings: list[str], dates: set[int]) -> str:
    kind = cell.get("t", "n")
    if kind == "s":
        at = _number(value)
        return strings[at] if 0 <= at < len(strings) else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind == "n" and value and _number(cell.get("s", "0")) in dates:
        return _date(value)
    return value


def _date(value: str) -> str:
    """Days since the end of 1899 -> 2024-03-05, or with the time where there is one."""
    try:
        days = float(value)
    except ValueError:
        return value
    if not 0 < days < _LAST_DAY:
        return value
    moment = _DAY_ZERO + timedelta(seconds=round(days * 86_400))
    return f"{moment:%Y-%m-%d}" if days == int(days) else f"{moment:%Y-%m-%d %H:%M}"


def _is_date(code: str) -> bool:
    """Whether a format shows days or hours; what stands in quotes and brackets does not count."""
    return bool(re.search(r"[ymdh]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", code.lower())))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1
