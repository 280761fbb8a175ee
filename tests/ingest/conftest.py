"""A door with a real vault and library behind it, and a ledger of one step."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from albums.ingest.receive import Receiver
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.vault import Vault


@pytest.fixture
def receiver(library: Library, vault: Vault, tmp_path: Path) -> Receiver:
    audit = Audit(library, tmp_path / "audit.jsonl")
    return Receiver(library, vault, Ledger([Plan("facts", "1")]), audit, UTC)
