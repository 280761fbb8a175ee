"""Room on the library's disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from albums.web.dav.items import Space


def space_of(folder: Path | None) -> Space:
    """Bytes; none at all where nobody will be told."""
    if folder is None:
        return Space(0, 0)
    usage = shutil.disk_usage(folder)
    return Space(usage.used, usage.free)
