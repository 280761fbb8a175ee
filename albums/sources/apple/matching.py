"""Which row of Apple's tables speaks of which file.

Names come again in other parts, so a table speaks of its own folder first, then of its part, then
of the whole export. Of several of one name the moments decide; where they do not, nobody can say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from albums.sources.apple.moments import assign, far, same_instant
from albums.sources.apple.tables import Row
from albums.sources.beside.naming import fold
from albums.sources.importing.kind import Pairing, Thing

_SURE, _FARTHEST = "its folder", "another part"
_TRASH = "recently deleted"
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
        (_FARTHEST, lambda t: ()),
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
        return _alone(found, rows[0], files, near)
    used = _by_moment(found, rows, groups, near)
    unsure = [thing for thing in files if thing.id not in found.matches]
    for thing in unsure:
        found.matches[thing.id] = Match(None, "ambiguous", "several of one name")
    return {id(row) for row in rows} if unsure else used


def _alone(found: Matching, row: Row, files: list[Thing], near: str) -> set[int]:
    """One row and one file. The farther apart they lie, the more has to agree: each may have lost
    its own."""
    if near != _SURE and far(row, files[0]):
        return set()  # another photo of that name
    sure = same_instant(row, files[0]) or (row.deleted and in_trash(files[0]))
    if near == _FARTHEST and not sure:
        for thing in files:
            found.matches[thing.id] = Match(None, "ambiguous", f"name in {near}")
    else:
        _own(found, files, row, f"name in {near}")
    return {id(row)}


def _by_moment(
    found: Matching, rows: Sequence[Row], groups: Sequence[list[Thing]], near: str
) -> set[int]:
    if len(rows) * len(groups) > _COMPARED:
        return set()
    used: set[int] = set()
    for (file, row), by in assign(rows, [group[0] for group in groups]):
        _own(found, groups[file], rows[row], f"name in {near} and {by}")
        used.add(id(rows[row]))
    return used


def _own(found: Matching, files: Iterable[Thing], row: Row, rule: str) -> None:
    for thing in files:
        found.matches[thing.id] = Match(row, "owned", rule)


def in_trash(thing: Thing) -> bool:
    return _TRASH in thing.folder.lower().split("/")


def by_name(files: Iterable[Thing]) -> Mapping[str, list[Thing]]:
    """Folded name -> its files, one for each content."""
    found: dict[str, dict[str | None, Thing]] = defaultdict(dict)
    for thing in files:
        found[fold(thing.name)].setdefault(thing.sha, thing)
    return {name: list(things.values()) for name, things in found.items()}
