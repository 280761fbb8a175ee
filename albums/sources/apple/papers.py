"""The papers of an export: tables, sidecars and the rest, each as what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from albums.sources.apple.tables import Details, NameList, Row, read_table
from albums.sources.beside.xmp_said import XmpSaid, read_xmp
from albums.sources.importing.kind import PaperIs, Thing
from albums.sources.typed import json_object

_LARGEST = 64 << 20  # bytes
_ENDINGS = (".csv", ".aae", ".xmp", ".json")
_MEMORIES = "memories"
_LISTS = ("albums", _MEMORIES)


def is_paper(path: str, size: int | None) -> bool:
    return path.lower().endswith(_ENDINGS) and (size or 0) <= _LARGEST


@dataclass
class Papers:
    kinds: dict[int, PaperIs] = field(default_factory=dict)
    rows: list[tuple[Row, Thing]] = field(default_factory=list)  # and the table they stand in
    lists: list[tuple[NameList, Thing]] = field(default_factory=list)
    xmp: dict[int, tuple[XmpSaid, Thing]] = field(default_factory=dict)
    shared: list[Thing] = field(default_factory=list)  # AlbumInfo.json of shared albums
    memories: int = 0
    odd_dates: int = 0
    unreadable: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Papers:
        papers = cls()
        for thing in things:
            if thing.status == "paper":
                papers.kinds[thing.id] = papers._read(thing)
        return papers

    def _read(self, thing: Thing) -> PaperIs:
        name = thing.name.lower()
        if name.endswith(".csv"):
            return self._table(thing)
        if name.endswith(".xmp"):
            return self._xmp(thing)
        if name.endswith(".json"):
            return self._json(thing)
        return "other"  # .aae: how an edit is made, readable to Apple alone

    def _table(self, thing: Thing) -> PaperIs:
        """A table of another kind is the person's own, as from iCloud Drive."""
        folder = thing.folder.rpartition("/")[2].lower()
        table = read_table(thing.paper or b"", thing.id, listing=folder in _LISTS)
        if isinstance(table, Details):
            self.rows += [(row, thing) for row in table.rows]
            self.odd_dates += table.odd_dates
            return "sidecar"
        if table is None:
            return "document"
        if folder == _MEMORIES:
            self.memories += 1
            return "other"
        self.lists.append((table, thing))
        return "album"

    def _xmp(self, thing: Thing) -> PaperIs:
        said = read_xmp(thing.paper or b"")
        if said is None:
            self.unreadable.append(thing.name)
            return "other"
        self.xmp[thing.id] = said, thing
        return "sidecar"

    def _json(self, thing: Thing) -> PaperIs:
        """Apple's only one speaks of a shared album."""
        if thing.name.lower() != "albuminfo.json" or json_object(thing.paper or b"") is None:
            return "document"
        self.shared.append(thing)
        return "album"
