"""The sums of a receipt: made of its lines and of nothing else, and held against the journal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from albums.library.imports import EntryRow
from albums.sources.importing.verdicts import NO_BYTES, UNCERTAIN, Judged

_NAMED = 3


@dataclass
class Sum:
    files: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        self.files += 1
        self.bytes += size

    def as_json(self) -> dict[str, int]:
        return {"files": self.files, "bytes": self.bytes}


@dataclass
class Named:
    """How many, and the first of them by name."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.count += 1
        if self.count <= _NAMED:
            self.names.append(name)


@dataclass
class Tally:
    """Counted while the lines are written. What an entry weighs here is what is held of it."""

    fates: dict[str, dict[str, Sum]] = field(default_factory=dict)  # by part, by fate
    held_by_parts: dict[str, Sum] = field(default_factory=dict)  # as the journal says
    verdicts: Counter[str] = field(default_factory=Counter)  # of photos
    lost: dict[str, Named] = field(default_factory=lambda: defaultdict(Named))  # by why
    uncertain: Counter[str] = field(default_factory=Counter)  # by why
    empty: Named = field(default_factory=Named)  # files that are no photo
    reread: Sum = field(default_factory=Sum)
    differ: int = 0  # read back, and not as they were sent
    with_bytes: int = 0  # entries that are no folder and no link
    kept: Sum = field(default_factory=Sum)
    conflicts: int = 0
    announced: int = 0

    def begin_part(self, name: str, files: int, size: int) -> None:
        self.fates[name] = defaultdict(Sum)
        self.held_by_parts[name] = Sum(files, size)

    def count(self, part: str, row: EntryRow, judged: Judged) -> None:
        self.fates[part][judged.fate].add(judged.kept)
        if judged.fate in NO_BYTES:
            return
        self.with_bytes += 1
        if judged.verdict:
            self.verdicts[judged.verdict] += 1
        if judged.is_lost:
            self.lost[judged.lost_by].add(row.path)
        else:
            self.kept.add(judged.kept)
        if judged.verdict == UNCERTAIN:
            self.uncertain[judged.why] += 1
        if judged.fate == "empty" and not judged.is_lost:
            self.empty.add(row.path)

    @property
    def photos(self) -> int:
        """Photos and videos, and what may have been one."""
        return self.verdicts.total()

    def all(self) -> dict[str, Sum]:
        whole: dict[str, Sum] = defaultdict(Sum)
        for fates in self.fates.values():
            for fate, found in fates.items():
                whole[fate].files += found.files
                whole[fate].bytes += found.bytes
        return whole

    def difference(self, part: str) -> Sum:
        """What the part holds, less what became of it."""
        held, fates = self.held_by_parts[part], self.fates[part].values()
        return Sum(
            held.files - sum(found.files for found in fates),
            held.bytes - sum(found.bytes for found in fates),
        )

    def differences(self) -> dict[str, Sum]:
        """Of the parts whose sums do not come out."""
        found = {part: self.difference(part) for part in self.fates}
        return {part: rest for part, rest in found.items() if rest.files or rest.bytes}

    def as_json(self) -> dict[str, Any]:
        """The line of totals. Differences of one sign each: two must not hide each other."""
        rests = self.differences().values()
        return {
            "type": "totals",
            "parts": {part: _plain(fates) for part, fates in self.fates.items()},
            "all": _plain(self.all()),
            "entries": _plain(self.held_by_parts),
            "difference": {
                "files": sum(abs(rest.files) for rest in rests),
                "bytes": sum(abs(rest.bytes) for rest in rests),
            },
        }


def _plain(sums: dict[str, Sum]) -> dict[str, dict[str, int]]:
    return {name: found.as_json() for name, found in sums.items()}
