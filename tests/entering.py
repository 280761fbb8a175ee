"""How a browser of this machine comes in: by the address that the box printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx


def printed_link(lines: Iterable[str]) -> str:
    """The one-time address, from what `albums serve --local` says."""
    for line in lines:
        if "/enter?token=" in line:
            return line.strip()
    raise AssertionError("the box printed no address")


@contextmanager
def enter(link: str) -> Iterator[httpx.Client]:
    """Uses the address up; the client has the session."""
    parts = urlsplit(link)
    with httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=60) as client:
        token = {"token": parse_qs(parts.query)["token"][0]}
        answer = client.post("/enter", data=token, headers={"accept": "text/html"})
        assert answer.status_code == 303, answer.text
        yield client
