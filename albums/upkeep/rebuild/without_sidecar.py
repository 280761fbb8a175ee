"""An original that nothing is known of but its bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from albums.media.formats import identify_file
from albums.vault.rereading import read_from_disk

SOURCE = "rebuild"


def sidecar_for(original: Path, sha: str) -> dict[str, Any] | None:
    """What a sidecar says of an asset that just came in, as far as the bytes do; None when they do
    not have this SHA-256. It came in when the file was written."""
    stat = original.stat()
    found = read_from_disk(original, others=True)
    if found.sha != sha:
        return None
    format = identify_file(original)
    arrival = {
        "at": datetime.fromtimestamp(int(stat.st_mtime), UTC).isoformat(),
        "name": original.name,
        "folder": "",
        "source": SOURCE,
        "origin": f"local://{SOURCE}",
        "key": None,
        "modified_ns": None,
        "size": found.size,
    }
    return {
        "sha": sha,
        "sha1": found.sha1,
        "md5": found.md5,
        "size": found.size,
        "extension": original.name[len(sha) :],
        "mime": format.mime,
        "kind": format.kind,
        "claims": [],
        "collections": [],
        "arrivals": [arrival],
    }
