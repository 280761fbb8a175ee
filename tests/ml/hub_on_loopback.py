"""A model hub for tests: redirects to a storage, honours ranges, breaks off when told to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

COMMIT = "c" * 40


@dataclass
class Hub:
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: int | None = None  # bytes of the next answer, once
    ranges: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    says_hashes: bool = False


def handler_of(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.paths.append(self.path)
            name = self.path.rsplit("/", 1)[1]
            if name not in hub.files:
                self.send_error(404)
            elif self.path.startswith("/storage/"):
                self._send(hub.files[name])
            else:
                self._redirect(name)

        def _redirect(self, name: str) -> None:
            self.send_response(302)
            self.send_header("Location", f"/storage/{name}")
            self.send_header("X-Repo-Commit", COMMIT)
            if hub.says_hashes:
                digest = hashlib.sha256(hub.files[name]).hexdigest()
                self.send_header("X-Linked-Etag", f'"{digest}"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, content: bytes) -> None:
            asked = self.headers.get("Range", "")
            start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
            if asked:
                hub.ranges.append(asked)
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            rest = content[start:]
            if hub.cut_after is not None:
                rest, hub.cut_after = rest[: hub.cut_after], None
                self.close_connection = True
            self.wfile.write(rest)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
