"""The bytes: originals, their sidecars, and the pictures derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from albums.vault.originals import Originals
from albums.vault.pictures import Pictures
from albums.vault.sidecars import Sidecars

__all__ = ["Originals", "Pictures", "Sidecars", "Vault", "open_vault"]


@dataclass(frozen=True)
class Vault:
    """The three shelves of files under one library folder."""

    originals: Originals
    sidecars: Sidecars
    pictures: Pictures


def open_vault(library: Path) -> Vault:
    """Make the folders if they are missing."""
    return Vault(
        Originals(library / "originals", incoming=library / "incoming"),
        Sidecars(library / "originals", incoming=library / "incoming"),
        Pictures(library / "pictures"),
    )
