"""What the matching is given and what it finds: media, sidecars, pairings, sidecars left over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["owned", "inherited", "ambiguous", "none"]
Rule = Literal[
    "exact",  # the sidecar is named after the medium
    "counter moved",  # IMG(1).jpg: IMG.jpg(1).json
    "no extension",
    "cut",  # at 46 UTF-16 units
    "second extension",  # IMG.MOV.mp4: IMG.MOV.json
    "cut extension",
    "same beginning",  # cut alike, told apart by their titles
    "same path",  # one virtual path in two parts
    "edited",
    "edited, cut",
    "edited, cut away",  # nothing of the suffix is left; a counter tells it from its original
    "variant",  # an unlisted suffix beside its original
    "content identifier",
    "companion",  # the same stem and counter, a single candidate
    "companion by time",
    "other extension",  # its still was not delivered, or under another extension
    "",
]


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium in the union of all parts. `id` is the caller's, unique among the media."""

    id: str
    folder: str
    name: str
    captured: datetime | None = None  # by its own EXIF; naive where the zone is not known
    content_identifier: str | None = None  # Apple's, the same in a still and its clip
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A JSON about one photo. `id` is the caller's, unique among the sidecars."""

    id: str
    folder: str
    name: str
    title: str | None = None
    taken: datetime | None = None  # photoTakenTime, UTC
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A medium and the sidecar that speaks of it.

    owned: by its own name. inherited: from its original or its still. ambiguous: one of the
    `candidates`, and nothing says which. `original`: the medium that it is a variant or clip of.
    `also`: further sidecars that say the same. `folded`: only but for case or composition.
    """

    medium: Medium
    kind: Kind
    rule: Rule = ""
    sidecar: Sidecar | None = None
    candidates: tuple[Sidecar, ...] = ()
    also: tuple[Sidecar, ...] = ()
    original: Medium | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Leftover:
    """A sidecar that no medium of its folder has.

    elsewhere: its photo came in another folder, so this one is a membership. ambiguous: one of
    `candidates`, or unproven. contested: media beside it are ambiguous about it. missing: Google
    announced the photo and did not deliver it.
    """

    sidecar: Sidecar
    kind: Literal["elsewhere", "ambiguous", "contested", "missing"]
    rule: Literal["url", "title and time", "name and time", ""] = ""
    medium: Medium | None = None
    candidates: tuple[Medium, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """One pairing a medium and one leftover a sidecar without medium, in the order of paths."""

    pairings: tuple[Pairing, ...]
    leftovers: tuple[Leftover, ...]
