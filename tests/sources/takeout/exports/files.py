"""What an export consists of, and what is true of each of its entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.photos import Photo

Role = Literal[
    "medium", "sidecar", "album", "other-json", "document", "other", "apple-double"
]  # fmt: skip
# none: nothing speaks of it. open: nothing tells which sidecar is its own.
Expect = Literal["owned", "inherited", "none", "open"]


@dataclass(eq=False)
class File:
    """One entry. Of a medium: its sidecar, and the medium that it was made from or is the clip of.
    Of a sidecar without a medium beside it: where its photo is (`elsewhere`), or nothing, which
    means that Google announced a photo that is in no part; open: nothing can tell."""

    path: str
    role: Role
    content: Content | bytes
    photo: Photo | None = None
    expect: Expect = "none"
    sidecar: File | None = None
    original: File | None = None
    clip_of: File | None = None
    alone: bool = False  # a sidecar without its medium
    twice: bool = False  # a medium whose path and bytes are in two parts
    elsewhere: list[File] = field(default_factory=list)
    part: int = 0
    size: int = 0
    sha256: str = ""

    @property
    def id(self) -> str:
        return f"{self.part}|{self.path}"

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def about(self) -> int:
        """How large it will be, in bytes."""
        return self.content.size if isinstance(self.content, Content) else len(self.content)

    def make(self) -> bytes:
        return self.content.make() if isinstance(self.content, Content) else self.content


@dataclass
class Album:
    """title None: untitled. members: its media. json_only: sidecars of members whose medium lies
    elsewhere. Several untitled albums of one folder are one, because nothing tells them apart."""

    folder: str
    title: str | None
    members: list[File] = field(default_factory=list)
    json_only: list[File] = field(default_factory=list)


@dataclass
class Export:
    """All entries with their truth, and the archives once they are written."""

    name: str
    files: list[File]
    albums: list[Album]
    parts: int
    archives: list[Path] = field(default_factory=list)

    def of(self, *roles: Role) -> list[File]:
        return [file for file in self.files if file.role in roles]

    @property
    def announced(self) -> list[File]:
        """The sidecars of photos that are in no part."""
        alone = [file for file in self.of("sidecar") if file.alone]
        return [file for file in alone if not file.elsewhere and file.expect != "open"]
