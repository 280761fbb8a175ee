"""The rooms that a person's change touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger
from albums.vault import Vault


@dataclass(frozen=True)
class Rooms:
    """Handed to every verb of this folder. `actor` says who did it, for the audit log."""

    library: Library
    vault: Vault
    ledger: Ledger
    audit: Audit
    home: tzinfo  # zone of local times that do not say theirs
    folder: Path  # of the library: files that speak of all assets lie here
    actor: str
