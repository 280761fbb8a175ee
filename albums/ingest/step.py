"""One job of the pipeline: what it is called, what it needs, and how it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal, Protocol

from albums.library.assets import Asset
from albums.library.database import Library
from albums.library.rules import Rule
from albums.library.ruling import Knowing
from albums.media.sandbox import Sandbox
from albums.media.transcoder import Transcoder
from albums.ml.shelf import Shelf
from albums.settings import Settings
from albums.vault import Vault

Lane = Literal["io", "cpu", "model", "film"]


@dataclass(frozen=True)
class Ruling:
    """How the person's rules are carried out. `throw_away`: these assets (SHA-256), for this
    rule, into the trash."""

    knowing: Knowing
    throw_away: Callable[[Rule, Sequence[str]], object]


@dataclass(frozen=True)
class Tools:
    """The rooms that a step may use."""

    library: Library
    vault: Vault
    sandbox: Sandbox
    shelf: Shelf
    settings: Settings
    home: tzinfo  # zone of local times that do not say theirs
    transcoder: Transcoder = field(default_factory=Transcoder)
    ruling: Ruling | None = None  # without it no rule is carried out


@dataclass(frozen=True)
class Done:
    """It worked. `write` puts the result into the library, in the transaction that closes the work;
    it must leave the same rows however often it runs. `warning`: what could not be made out; it is
    shown with the asset, and a person may have it tried again. Without `changed` the library knew
    it all before, and the work that builds on it stands."""

    write: Callable[[sqlite3.Connection], None] = field(default=lambda db: None)
    warning: str = ""
    changed: bool = True


@dataclass(frozen=True)
class Skipped:
    """There is nothing to do for this asset, and why."""

    why: str


@dataclass(frozen=True)
class Failed:
    """It did not work, and why. `again`: the reason may pass by itself (memory, time, disk).
    `write` as for Done: what there is all the same."""

    why: str
    again: bool = False
    write: Callable[[sqlite3.Connection], None] = field(default=lambda db: None)


Outcome = Done | Skipped | Failed


class Step(Protocol):
    """A step reads what it needs from the library and the vault and never calls another step."""

    name: str
    # io: disk and database; cpu: decoders, several at once; model: one at a time; film: what may
    # take hours, one at a time and one more that somebody waits for
    lane: Lane
    batch: int  # assets a call
    needs: tuple[str, ...]  # steps that must be closed first
    follows: tuple[str, ...]  # steps whose result this one uses when it is there

    def version(self, tools: Tools) -> str:
        """Change it and the step is done anew for every asset."""

    def prepare(self, db: sqlite3.Connection) -> None:
        """Make the step's own tables, if they are missing, and nothing else.

        They may be dropped at any time: at the next start they are made anew, and the work that
        fills them is done again. The same goes for a table of another shape (library/shapes.py).
        """

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        """One outcome an asset, in order."""
