"""How a browser of this machine comes in: by the address that the box printed."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import httpx


def printed_link(lines: Iterable[str]) -> str:
    """The one-time address, from what `albums serve --local` says."""
    for line in lines:
        if "/enter?token=" in line:
            return line.strip()
    raise AssertionError("the box printed no address")


def enter(link: str) -> httpx.Client:
    """Uses the address up; the client has the session."""
    parts = urlsplit(link)
    client = httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=60)
    answer = client.post("/enter", data={"token": parse_qs(parts.query)["token"][0]})
    assert answer.status_code == 303, answer.text
    return client
