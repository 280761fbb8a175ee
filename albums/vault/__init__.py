"""The bytes: originals, their sidecars, the pictures derived from them, and what still arrives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from albums.vault.originals import Originals
from albums.vault.partials import Partials
from albums.vault.pictures import Pictures
from albums.vault.playables import Playables
from albums.vault.reserve import Reserve
from albums.vault.sidecars import Sidecars
from albums.vault.spool import Spool

__all__ = [
    "Originals",
    "Partials",
    "Pictures",
    "Playables",
    "Reserve",
    "Sidecars",
    "Spool",
    "Vault",
    "open_vault",
]


@dataclass(frozen=True)
class Vault:
    """The shelves of files under one library folder."""

    originals: Originals
    sidecars: Sidecars
    pictures: Pictures
    playables: Playables  # films for browsers, beside the pictures
    partials: Partials
    dav: Spool  # files of the WebDAV inboxes that the library has not taken
    reserve: Reserve


def open_vault(library: Path) -> Vault:
    """Make the folders if they are missing."""
    originals = Originals(library / "originals", incoming=library / "incoming")
    return Vault(
        originals,
        Sidecars(library / "originals", incoming=library / "incoming"),
        Pictures(library / "pictures"),
        Playables(library / "pictures"),
        Partials(library / "uploads", originals),
        Spool(library / "dav", originals),
        Reserve(library),
    )
