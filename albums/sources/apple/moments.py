"""Rows and files of one name are told apart by their moments, or not at all.

Apple's moments are in GMT, to the minute. One that a file says with its zone is the same or it is
not; without a zone, another photo of the same day agrees one time in eight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta

from albums.sources.apple.tables import Row
from albums.sources.importing.kind import Thing
from albums.sources.typed import same_moment

_HALF = timedelta(seconds=30)  # a minute begins where Apple says: its middle, and how far from it
_NEAR = 30.5  # seconds
_FAR = timedelta(days=1, hours=1)
_WIDEST = timedelta(hours=15)
Pair = tuple[int, int]  # place of a file, of a row


def assign(rows: Sequence[Row], files: Sequence[Thing]) -> Iterator[tuple[Pair, str]]:
    """What belongs together beyond doubt, and by what. Files are of different contents."""
    exact = _mutual(_fits(rows, files, same_instant, range(len(rows)), range(len(files))))
    for file, row in exact.items():
        yield (file, row), "moment"
    rest = [i for i in range(len(files)) if i not in exact]
    open_rows = [i for i in range(len(rows)) if i not in set(exact.values())]
    local = _mutual(_fits(rows, files, _within_zones, open_rows, rest))
    local = {f: r for f, r in local.items() if _same_local(rows[r], files[f])}
    for file, row in local.items():
        yield (file, row), "local time"
    if local or len(rest) != 1 or len(open_rows) != 1:
        return
    if not far(rows[open_rows[0]], files[rest[0]]):
        yield (rest[0], open_rows[0]), "being the last"


def same_instant(row: Row, thing: Thing) -> bool:
    """Both know their zone, and it is the same minute."""
    if row.taken is None or thing.captured is None or thing.captured.tzinfo is None:
        return False
    return same_moment(row.taken + _HALF, thing.captured, seconds=_NEAR)


def far(row: Row, thing: Thing) -> bool:
    """Is the file of another day?"""
    if row.taken is None or thing.captured is None:
        return False
    own = thing.captured if thing.captured.tzinfo else thing.captured.replace(tzinfo=UTC)
    return abs(row.taken - own) > _FAR


def _within_zones(row: Row, thing: Thing) -> bool:
    """Could it be, in some zone?"""
    if row.taken is None or thing.captured is None:
        return False
    own = thing.captured if thing.captured.tzinfo else thing.captured.replace(tzinfo=UTC)
    return abs(row.taken - own) <= _WIDEST


def _same_local(row: Row, thing: Thing) -> bool:
    if row.taken is None or thing.captured is None:
        return False
    return same_moment(row.taken + _HALF, thing.captured, seconds=_NEAR)


def _fits(
    rows: Sequence[Row],
    files: Sequence[Thing],
    agree: Callable[[Row, Thing], bool],
    of_rows: Sequence[int],
    of_files: Sequence[int],
) -> dict[int, list[int]]:
    return {f: [r for r in of_rows if agree(rows[r], files[f])] for f in of_files}


def _mutual(fits: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Where a file fits one row only, and no other file fits that."""
    wanted = Counter(row for options in fits.values() for row in options)
    return {f: rs[0] for f, rs in fits.items() if len(rs) == 1 and wanted[rs[0]] == 1}
