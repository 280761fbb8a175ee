"""What each kind of export is: how its parts belong together, and what it says of its files.

A kind only reads and judges. Taking in, writing down and proving is the same for all of them, and
done by the other modules of this folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from albums.library.facts import Claim
from albums.library.imports import Status
from albums.sources.archives import Part

Pairing = Literal["owned", "inherited", "ambiguous", "none"]
PaperIs = Literal["sidecar", "album", "other", "document"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One entry of the export, as a kind sees it. Those of all its parts are seen together."""

    id: int
    part: int  # its place by number and name, in whatever order parts came
    path: str  # with /
    kind: str  # photo, video, document, audio, other, paper
    status: Status
    size: int  # bytes
    sha: str | None = None  # SHA-256, hex
    captured: datetime | None = None  # by the file itself; without zone where it says none
    content_id: str | None = None  # Apple's, the same in a still and its clip
    modified_ns: int | None = None  # as the archive says
    paper: bytes | None = None  # what a paper says, verbatim

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What an export says of one of its files.

    owned: a paper speaks of it by its name; inherited: one speaks of its original or still;
    ambiguous: of several, nobody can say which; none: the export says nothing of it.
    """

    claims: tuple[Claim, ...] = ()
    papers: tuple[int, ...] = ()  # things that say so
    pairing: Pairing = "none"
    rule: str = ""  # by which the papers were found
    url: str | None = None  # where the service shows it
    taken: str | None = None  # ISO 8601, as the service says
    uploaded: str | None = None  # ISO 8601, when it came to the service
    variant_of: int | None = None  # the thing that this is an edited copy of
    clip_of: int | None = None  # the still that this is the moving part of
    trashed: bool = False  # in the service's trash


@dataclass(frozen=True, slots=True)
class Album:
    """What becomes a collection. `key` is the same whenever this export is brought."""

    key: str
    title: str
    description: str = ""
    members: tuple[int, ...] = ()  # things, in order
    absent: tuple[str, ...] = ()  # what the export announces and does not hold, by title or link
    untitled: bool = False

    @property
    def expected(self) -> int:
        return len(self.members) + len(self.absent)


@dataclass(frozen=True, slots=True)
class Announced:
    """A photo that the export speaks of and does not hold."""

    paper: int  # the thing that speaks of it
    title: str
    url: str | None = None
    taken: str | None = None
    why: str = ""
    perhaps: tuple[str, ...] = ()  # paths of files that may be it: nobody can say which


@dataclass(frozen=True)
class Understood:
    """All that an export says. Things without `said` are said nothing of."""

    said: dict[int, Said] = field(default_factory=dict)
    albums: list[Album] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
    papers: dict[int, PaperIs] = field(default_factory=dict)  # document: the person's own file
    notes: dict[str, int] = field(default_factory=dict)  # counts, for the receipt
    warnings: list[str] = field(default_factory=list)  # sentences, for the receipt


class Kind(Protocol):
    """One line in `sources.KINDS`."""

    name: str  # takeout; also the source of its claims and arrivals
    about: str  # for people

    def import_name(self, part: Part) -> str | None:
        """The export that a part belongs to; None where nothing tells."""

    def is_paper(self, path: str, size: int | None) -> bool:
        """Is this a file that speaks of others? `size` in bytes, None where not known."""

    def understand(self, things: Sequence[Thing]) -> Understood:
        """What the export says of its files, over all its parts. Pure: the same things give the
        same, in whatever order."""
