"""A receipt against the truth of its export: what was right, what was wrong, what was reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sources.takeout.exports.files import Album, Export, File
from tests.sources.takeout.exports.layout import is_empty

Line = Mapping[str, Any]
_FATES = {"medium": {"new", "duplicate"}, "sidecar": {"sidecar"}, "album": {"album"},
          "other-json": {"other-json"}}  # fmt: skip
_KEPT = {"new", "duplicate", "not-media"}  # what is no photo lands too


@dataclass
class Score:
    """wrong: pairs that are not true. missed: what could be decided and was not. reported: of
    what nothing can decide, how many are called ambiguous. amiss: fates, albums, announced."""

    decidable: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    open: int = 0
    reported: int = 0
    amiss: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return self.wrong + self.missed + self.amiss


def score(export: Export, receipt: Iterable[Line]) -> Score:
    """Every line of a receipt over all parts of the export."""
    lines = list(receipt)
    found = Score()
    names = [path.name for path in export.archives]
    entries = {(line["part"], line["path"]): line for line in lines if line["type"] == "entry"}
    for file in export.files:
        line = entries.pop((names[file.part], file.path), None)
        if line is None:
            found.amiss.append(f"{file.path}: no line")
            continue
        _count_fate(found, file, line)
        if file.role == "medium" and not is_empty(file):
            _count_pair(found, file, line)
    found.amiss += [f"{path}: was never there" for _, path in entries]
    _count_announced(found, export, lines)
    by_key = {line["key"]: line for line in lines if line["type"] == "collection"}
    for album in export.albums:
        _count_album(found, album, by_key)
    return found


def _count_fate(found: Score, file: File, line: Line) -> None:
    expected = {"empty"} if is_empty(file) else _FATES.get(file.role, _KEPT)
    if line["fate"] not in expected or line["sha256"] not in (file.sha256, None):
        found.amiss.append(f"{file.path}: {line['fate']} {line['sha256']}")
    if is_empty(file) != (line["sha256"] is None):
        found.amiss.append(f"{file.path}: its hash is {line['sha256']}")


def _count_pair(found: Score, file: File, line: Line) -> None:
    true = file.sidecar.path if file.sidecar else None
    has = line["pairing"] in ("owned", "inherited")
    words = f"{file.path}: {line['pairing']} {line['rule']} {line['sidecar']}, true is {true}"
    if has and line["sidecar"] != true:
        found.wrong.append(words)
    if file.expect == "open":
        found.open += 1
        found.reported += line["pairing"] == "ambiguous" or line["verdict"] != "proven"
    elif file.expect in ("owned", "inherited"):
        found.decidable += 1
        found.right += has and line["sidecar"] == true
        if not has:
            found.missed.append(words)


def _count_announced(found: Score, export: Export, lines: list[Line]) -> None:
    said = {line["sidecar"]: line for line in lines if line["type"] == "announced"}
    for file in export.announced:
        line = said.get(file.path)
        if line is None or not file.photo or line["url"] != file.photo.said.url:
            found.amiss.append(f"{file.path}: announced, but {line}")


def _count_album(found: Score, album: Album, by_key: Mapping[str, Line]) -> None:
    line = by_key.get(f"{album.folder}#0") or by_key.get(album.folder)
    whole = {file.path for file in album.members if not is_empty(file)}
    least = len(whole) + sum(file.expect != "open" for file in album.json_only)
    most = len(whole) + len(album.json_only)
    if line is None:
        if most:
            found.amiss.append(f"{album.folder}: no collection")
    elif not least <= line["landed"] <= most or album.title not in (line["title"], None):
        found.amiss.append(f"{album.folder}: {line['landed']} of {least} to {most} {line['title']}")
