"""What became of one entry of an export, and what that means for whoever wants to delete it there.

Pure: rows in, words out. The library's word for each entry is asked elsewhere (`survivors.py`).
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from albums.library.imports import EntryRow
from albums.sources.archives.entry import APPLE_DOUBLE
from albums.sources.importing.kind import PaperIs, Said

Fate = Literal[
    "new", "duplicate", "sidecar", "album", "other-json", "not-media", "failed", "empty",
    "deleted by you", "folder", "link", "left out",
]  # fmt: skip
Verdict = Literal["proven", "landed, metadata uncertain", "not landed"]
# What is wrong with an original that was read back, as `checks.KINDS` names it; empty: nothing.
ReadBack = str | None  # None: it was not read back

UNCERTAIN: Final = "landed, metadata uncertain"
AMBIGUOUS = "What the export says of it may be of another file"
UNSPOKEN = "The export says nothing of it"
PHOTOS = ("photo", "video")
NO_BYTES = ("folder", "link", "left out")  # fates of what brings no bytes
# Of these a paper speaks of every photo: one without is uncertain. Elsewhere the files speak for
# themselves, and a paper is welcome where there is one.
EACH_HAS_A_PAPER = ("takeout", "apple", "flickr")
_FATES: dict[PaperIs, Fate] = {"sidecar": "sidecar", "album": "album"}
_SKIPPED: dict[str, Fate] = {"folder": "folder", "link": "link", "special": "link"}
_LOST: dict[Fate, str] = {
    "failed": "could not be read",
    "empty": "came empty",
    "deleted by you": "deleted by you",
}
_UNSURE = "The checksum of its archive is wrong: nobody can say whether its bytes are right"
_MISSING = "It is missing from the library's disk"
_DAMAGES = {
    "changed": "The library's disk gives back other bytes",
    "unreadable": "The library's disk cannot read it",
}
_WIDEST_OFFSET = timedelta(hours=14, minutes=1)  # of any zone
_QUARTER, _SAME = 900, 60  # seconds


@dataclass(frozen=True, slots=True)
class Held:
    """What the library holds of an entry's bytes. `size` None: it holds none."""

    size: int | None
    reread: ReadBack
    deleted_at: str | None = None  # UTC, by the owner, since


@dataclass(frozen=True, slots=True)
class Judged:
    """`kept`: bytes that are proven to be held; `why` where something is not as it should be."""

    fate: Fate
    verdict: Verdict | None
    kept: int
    why: str = ""

    @property
    def is_lost(self) -> bool:
        return self.verdict == "not landed"

    @property
    def lost_by(self) -> str:
        """As it goes on after "3 files ..."."""
        if self.why == _UNSURE:
            return "came in an archive whose checksum is wrong"
        return _LOST.get(self.fate, "not read back whole from the library's disk")


def judge_without_bytes(row: EntryRow) -> Judged:
    """Folders, links, and whatever else came without bytes, or with bytes nobody could read."""
    if row.status == "skipped":
        return Judged(_SKIPPED.get(row.kind, "left out"), None, 0, row.why)
    if row.status == "empty":
        why = row.why or "It is empty in the archive"
        return Judged("empty", "not landed" if could_be_photo(row) else None, 0, why)
    if row.status == "deleted":
        return Judged("deleted by you", "not landed", row.size, row.why or "You deleted it before")
    return Judged("failed", "not landed", row.size, row.why or "It could not be read")


def could_be_photo(row: EntryRow) -> bool:
    """Of what has no bytes to tell by: not, if its name says clearly that it is something else."""
    name = row.path.rpartition("/")[2]
    mime = mimetypes.guess_type(name)[0] or ("" if name.startswith(".") else "image/")
    return row.kind != "paper" and mime.startswith(("image/", "video/"))


def judge_paper(row: EntryRow, what: PaperIs | None, *, equal: bool) -> Judged:
    """One that speaks of others, and is kept verbatim in the journal."""
    fate: Fate = _FATES.get(what, "other-json") if what else "other-json"
    if row.paper and row.paper.startswith(APPLE_DOUBLE):
        fate = "not-media"
    if equal:
        return Judged(fate, None, row.size)
    return Judged(fate, "not landed", 0, "Its copy in the journal has other bytes")


def judge_landed(
    row: EntryRow, said: Said, held: Held, *, is_first: bool, expects_paper: bool, sure: bool
) -> Judged:
    """One that became an asset, or is the same as one. `is_first`: it is the one that was kept;
    `sure`: its bytes are those that the archive was made of."""
    if row.kind not in PHOTOS:
        fate: Fate = "not-media"
    else:
        fate = "new" if is_first else "duplicate"
    if held.deleted_at:
        return Judged("deleted by you", "not landed", row.size,
                      f"You deleted it on {held.deleted_at[:10]}")  # fmt: skip
    lost = _lost(row, held)
    if lost:
        return Judged(fate, "not landed", held.size or 0, lost)
    if not sure:
        return Judged(fate, "not landed", row.size, _UNSURE)
    if row.kind not in PHOTOS:
        return Judged(fate, None, row.size)
    verdict, why = _proven(said, expects_paper=expects_paper)
    return Judged(fate, verdict, row.size, why)


def _lost(row: EntryRow, held: Held) -> str:
    """Why the bytes do not count as landed; empty where they do."""
    if held.size is None:
        return _MISSING
    if held.reread is None:
        return "It was not read back"
    if held.reread:
        return _DAMAGES.get(held.reread, _MISSING)
    if held.size != row.size:
        return f"The library holds {held.size} bytes of it"
    return ""


def _proven(said: Said, *, expects_paper: bool) -> tuple[Verdict, str]:
    if said.pairing in ("owned", "inherited"):
        return "proven", ""
    if said.pairing == "ambiguous":
        return UNCERTAIN, AMBIGUOUS
    if expects_paper:
        return UNCERTAIN, UNSPOKEN
    return "proven", ""


def is_conflict(captured: str | None, taken: str | None) -> bool:
    """Do the file and the export name moments that no time zone brings together?

    Both ISO 8601; `captured` mostly is a local time that does not say its zone.
    """
    if not captured or not taken:
        return False
    own, other = datetime.fromisoformat(captured), datetime.fromisoformat(taken)
    if own.tzinfo and other.tzinfo:
        return abs(own - other) > timedelta(seconds=_SAME)
    apart = abs(own.replace(tzinfo=None) - other.replace(tzinfo=None))
    over = apart.total_seconds() % _QUARTER
    return apart > _WIDEST_OFFSET or min(over, _QUARTER - over) > _SAME
