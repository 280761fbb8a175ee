"""Which row of Apple's tables speaks of which file.

Names come again in other parts, so a table speaks of its own folder first, then of its part, then
of the whole export. Of several of one name the moments decide; where they do not, nobody can say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from albums.sources.apple.tables import Row
from albums.sources.beside.naming import fold
from albums.sources.importing.kind import Pairing, Thing
from albums.sources.typed import same_moment

_SURE = "its folder"
_MINUTE = 61  # seconds: so exact Apple's moments are
_FAR = timedelta(days=1, hours=1)
_COMPARED = 10_000  # rows times files of one name; more is nobody's library
_COPY = re.compile(r" ?\([0-9]{1,3}\)$| [0-9]{1,2}$", re.ASCII)  # where two would lie in one folder


@dataclass(frozen=True, slots=True)
class Match:
    row: Row | None  # None: it could be several
    pairing: Pairing
    rule: str


@dataclass
class Matching:
    matches: dict[int, Match] = field(default_factory=dict)  # by number of the file
    left: list[Row] = field(default_factory=list)  # that speak of no file


def match(rows: Sequence[tuple[Row, Thing]], files: Sequence[Thing]) -> Matching:
    """`rows` with the tables that they stand in."""
    found = Matching()
    rows = _without_repeated(rows)
    for near, where in (
        (_SURE, lambda t: (t.part, t.folder)),
        ("its part", lambda t: (t.part, t.folder.rpartition("/")[0])),
        ("another part", lambda t: ()),
    ):
        rows = _stage(found, rows, files, where, near)
    _share(found, files)
    found.left = [row for row, _ in rows]
    return found


def _without_repeated(rows: Iterable[tuple[Row, Thing]]) -> list[tuple[Row, Thing]]:
    """One file can stand in two tables of a folder."""
    seen: dict[Hashable, tuple[Row, Thing]] = {}
    for row, table in rows:
        key = table.part, table.folder, fold(row.name), row.checksum or row.line, row.taken
        seen.setdefault(key, (row, table))
    return list(seen.values())


def _stage(
    found: Matching,
    rows: Sequence[tuple[Row, Thing]],
    files: Iterable[Thing],
    where: Callable[[Thing], Hashable],
    near: str,
) -> list[tuple[Row, Thing]]:
    """Match what lies near each other. Returns the rows that are left."""
    by_name: dict[Hashable, list[tuple[Row, Thing]]] = defaultdict(list)
    for row, table in rows:
        by_name[where(table), fold(row.name)].append((row, table))
    named: dict[Hashable, list[Thing]] = defaultdict(list)
    copies: dict[Hashable, list[Thing]] = defaultdict(list)
    for thing in files:
        if thing.id in found.matches:
            continue
        key: Hashable = (where(thing), fold(thing.name))
        if key in by_name:
            named[key].append(thing)
        else:
            copies[where(thing), fold(_uncounted(thing.name))].append(thing)
    left = []
    for key, group in by_name.items():
        here, how = named[key], near
        if near == _SURE and len(group) > len({thing.sha for thing in here}) and key in copies:
            here, how = here + copies[key], f"{near}, numbered"
        used = _resolve(found, [row for row, _ in group], here, how)
        left += [pair for pair in group if id(pair[0]) not in used]
    return left


def _share(found: Matching, files: Sequence[Thing]) -> None:
    """What is said of a file is said of every copy of it."""
    known = {t.sha: found.matches[t.id] for t in reversed(files) if t.id in found.matches}
    for thing in files:
        same = known.get(thing.sha) if thing.sha else None
        if thing.id not in found.matches and same and same.row:
            found.matches[thing.id] = Match(same.row, "owned", "equal to another")


def _uncounted(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return _COPY.sub("", stem) + dot + extension


def _resolve(found: Matching, rows: list[Row], files: list[Thing], near: str) -> set[int]:
    """Rows and files of one name. Returns which rows (by id()) speak of a file, or may."""
    if not files:
        return set()
    by_content: dict[str | None, list[Thing]] = defaultdict(list)
    for thing in files:
        by_content[thing.sha].append(thing)
    groups = list(by_content.values())
    if len(rows) == len(groups) == 1:
        if near != _SURE and _far(rows[0], files):
            return set()  # another photo of that name
        _own(found, groups[0], rows[0], f"name in {near}")
        return {id(rows[0])}
    used = _by_moment(found, rows, groups, near)
    unsure = [thing for thing in files if thing.id not in found.matches]
    for thing in unsure:
        found.matches[thing.id] = Match(None, "ambiguous", "several of one name")
    return {id(row) for row in rows} if unsure else used


def _by_moment(found: Matching, rows: list[Row], groups: list[list[Thing]], near: str) -> set[int]:
    """Those of which one and only one has the moment of the file, and the last one left."""
    if len(rows) * len(groups) > _COMPARED:
        return set()
    fits = {i: [r for r in rows if _agree(r, group[0])] for i, group in enumerate(groups)}
    wanted = Counter(id(row) for options in fits.values() for row in options)
    used: set[int] = set()
    for i, options in fits.items():
        if len(options) == 1 and wanted[id(options[0])] == 1:
            _own(found, groups[i], options[0], f"name and moment in {near}")
            used.add(id(options[0]))
    rest = [group for group in groups if group[0].id not in found.matches]
    open_rows = [row for row in rows if id(row) not in used]
    if len(rest) == len(open_rows) == 1 and not _far(open_rows[0], rest[0]):
        _own(found, rest[0], open_rows[0], f"the last of its name in {near}")
        used.add(id(open_rows[0]))
    return used


def _own(found: Matching, files: Iterable[Thing], row: Row, rule: str) -> None:
    for thing in files:
        found.matches[thing.id] = Match(row, "owned", rule)


def _agree(row: Row, thing: Thing) -> bool:
    if row.taken is None or thing.captured is None:
        return False
    return same_moment(row.taken, thing.captured, seconds=_MINUTE)


def _far(row: Row, files: Sequence[Thing]) -> bool:
    """Is the file of another day?"""
    captured = files[0].captured
    if row.taken is None or captured is None:
        return False
    own = captured if captured.tzinfo else captured.replace(tzinfo=row.taken.tzinfo)
    return abs(row.taken - own) > _FAR


def by_name(files: Iterable[Thing]) -> Mapping[str, list[Thing]]:
    """Folded name -> its files, one for each content."""
    found: dict[str, dict[str | None, Thing]] = defaultdict(dict)
    for thing in files:
        found[fold(thing.name)].setdefault(thing.sha, thing)
    return {name: list(things.values()) for name, things in found.items()}
