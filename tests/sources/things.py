"""Entries of exports, made for the tests of the kinds."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any

from albums.media.kinds import EXTENSIONS, kind_of
from albums.sources.importing.kind import Said, Thing, Understood

# Letters that names and papers of strangers may hold; all of Unicode takes Hypothesis seconds.
ODD = "aIMG_01-. /()%\"'<>&\0\x1f\x7f\r\n,;\xe9\u0301\xdf\u202f\u6f22\U0001f30a"
_numbers = count(1)
_MIME = {extension: mime for mime, extension in reversed(EXTENSIONS.items())} | {
    ".jpeg": "image/jpeg"
}


def medium(
    path: str,
    *,
    part: int = 1,
    sha: str | None = None,
    captured: str | None = None,
    content_id: str | None = None,
) -> Thing:
    """A photo or film that has landed; another path is another content."""
    number = next(_numbers)
    extension = "." + path.rpartition(".")[2].lower()
    return Thing(
        id=number,
        part=part,
        path=path,
        kind=kind_of(_MIME.get(extension, "")),
        status="ingested",
        size=10,
        sha=sha or sha256(f"{part}/{path}/{number}".encode()).hexdigest(),
        captured=datetime.fromisoformat(captured) if captured else None,
        content_id=content_id,
    )


def paper(path: str, content: bytes | str | dict[str, Any], *, part: int = 1) -> Thing:
    if isinstance(content, dict):
        content = json.dumps(content)
    raw = content if isinstance(content, bytes) else content.encode()
    return Thing(next(_numbers), part, path, "paper", "paper", len(raw), paper=raw)


def claims_of(said: Said) -> dict[str, Any]:
    return {claim.field: claim.value for claim in said.claims}


def sentences(understood: Understood) -> str:
    return "\n".join(understood.warnings)
