"""What a receipt says beside its many good entries: for whoever shows it to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from albums.library.import_receipts import Line, lines_with, receipt_file
from albums.sources.importing.receipt import Receipt, read_receipt
from albums.sources.importing.verdicts import UNCERTAIN, Fate

_TYPES = ("part", "gap", "unreadable", "repeated", "beside", "announced", "collection", "totals")
_MARKS = (
    *(f'"type": "{name}"' for name in _TYPES),
    f'"verdict": "{UNCERTAIN}"',
    '"verdict": "not landed"',
)
_OWN = ("type", "previous", "hash")  # of the chain, for programs


@dataclass
class Reported:
    """Lists are cut at `most`; `counts` in the seal and `cut` say how many there are."""

    receipt: Receipt
    link: str  # what the address of a photo is called in lines of entries
    parts: list[Line] = field(default_factory=list)
    gaps: list[Line] = field(default_factory=list)
    unreadable: list[Line] = field(default_factory=list)
    repeated: list[Line] = field(default_factory=list)
    beside: list[Line] = field(default_factory=list)
    announced: list[Line] = field(default_factory=list)
    uncertain: list[Line] = field(default_factory=list)
    not_landed: list[Line] = field(default_factory=list)
    collections: list[Line] = field(default_factory=list)
    totals: Line = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)  # by list: how many more there are

    def as_json(self) -> dict[str, Any]:
        lists = ("parts", "gaps", "unreadable", "repeated", "beside", "announced", "uncertain",
                 "not_landed", "collections")  # fmt: skip
        told = ("notes", "advice", "choices", "not_in_takeout")
        seal = {name: self.receipt.seal[name] for name in told if name in self.receipt.seal}
        return self.receipt.as_json() | seal | {name: getattr(self, name) for name in lists} | {
            "totals": self.totals, "cut": self.cut,
        }  # fmt: skip

    def _take(self, name: str, line: Line, most: int) -> None:
        known: list[Line] = getattr(self, name)
        if len(known) < most:
            known.append({k: v for k, v in line.items() if k not in _OWN})
        else:
            self.cut[name] = self.cut.get(name, 0) + 1


_LISTS = {
    "part": "parts",
    "gap": "gaps",
    "announced": "announced",
    "collection": "collections",
    "unreadable": "unreadable",
    "repeated": "repeated",
    "beside": "beside",
}
_VERDICTS = {UNCERTAIN: "uncertain", "not landed": "not_landed"}


def report(folder: Path, number: int, most: int = 1000) -> Reported:
    """Of a receipt in the library's folder; its chain is not checked. `most` of each list.

    Raises NotFound, DamagedReceipt.
    """
    receipt = read_receipt(folder, number)
    found = Reported(receipt, "google_url" if receipt.source == "takeout" else "url")
    for line in lines_with(receipt_file(folder, number), *_MARKS):
        if line["type"] == "totals":
            found.totals = _ordered({k: v for k, v in line.items() if k not in _OWN})
        elif name := _LISTS.get(line["type"]) or _VERDICTS.get(line.get("verdict", "")):
            found._take(name, line, most)
    return found


def _ordered(totals: Line) -> Line:
    """Sums as people read them: first what came in."""
    known = {fate: totals["all"][fate] for fate in get_args(Fate) if fate in totals["all"]}
    return totals | {"all": known | totals["all"]}
