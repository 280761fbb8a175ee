"""The doctor looks at Tailscale too; verifying needs a library with files."""

from __future__ import annotations

from pathlib import Path

import pytest

from albums.library.database import Library
from albums.vault import Vault
from tests.identity.localapi import tailscaled
from tests.upkeep.verify.shelves import Shelves

__all__ = ["tailscaled"]


@pytest.fixture
def shelves(library: Library, vault: Vault, tmp_path: Path) -> Shelves:
    return Shelves.of(library, vault, tmp_path)
