"""Nothing is thrown away, not even bytes that are wrong: they go to `set-aside/` in the library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from albums.vault.durable import fsync_folder, write_synced

FOLDER = "set-aside"


def set_aside(library: Path, path: Path, why: str) -> Path:
    """Move a file of the library there, with the reason beside it. Returns where it lies now."""
    folder = library / FOLDER
    folder.mkdir(exist_ok=True)
    fsync_folder(library)
    at = datetime.now(UTC)
    aside = folder / f"{at:%Y%m%dT%H%M%S.%f}-{path.name}"
    reason = {"path": str(path.relative_to(library)), "why": why, "at": at.isoformat()}
    write_synced(aside.with_name(f"{aside.name}.reason.json"), json.dumps(reason).encode())
    path.rename(aside)
    fsync_folder(folder)
    fsync_folder(path.parent)
    return aside
