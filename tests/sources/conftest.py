"""A door with a real vault and library behind it, beside a folder to import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from albums.ingest.receive import Receiver
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.vault import open_vault


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    home = tmp_path / "library"
    home.mkdir()
    library = Library(home / "albums.db")
    audit = Audit(library, home / "audit.jsonl")
    yield Receiver(library, open_vault(home), Ledger([Plan("facts", "1")]), audit, UTC)
    library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "camera"
    path.mkdir()
    return path
