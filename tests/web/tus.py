"""A tus client of a few lines, for tests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

VERSION = {"tus-resumable": "1.0.0"}
PIECE = VERSION | {"content-type": "application/offset+octet-stream"}


def metadata(**said: str) -> str:
    return ",".join(f"{key} {base64.b64encode(said[key].encode()).decode()}" for key in said)


def checksum(algorithm: str, content: bytes) -> str:
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


@dataclass(frozen=True)
class TusClient:
    """Speaks over any httpx client, a test client's too."""

    http: Any

    def create(
        self, length: int, content: bytes | None = None, query: str = "", /, **said: str
    ) -> httpx.Response:
        headers = (PIECE if content is not None else VERSION) | {"upload-length": str(length)}
        if said:
            headers["upload-metadata"] = metadata(**said)
        answer: httpx.Response = self.http.post(
            f"/uploads{query}", headers=headers, content=content
        )
        return answer

    def begin(self, length: int, **said: str) -> str:
        answer = self.create(length, **said)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def head(self, upload: str) -> httpx.Response:
        answer: httpx.Response = self.http.head(upload, headers=VERSION)
        return answer

    def offset(self, upload: str) -> int:
        answer = self.head(upload)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    def append(
        self, upload: str, offset: int, content: bytes | Iterable[bytes], **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        said = PIECE | {"upload-offset": str(offset)} | named
        answer: httpx.Response = self.http.patch(upload, headers=said, content=content)
        return answer

    def end(self, upload: str) -> httpx.Response:
        answer: httpx.Response = self.http.delete(upload, headers=VERSION)
        return answer
