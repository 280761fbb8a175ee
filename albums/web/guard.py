"""Protects the owner's browser against other sites, and says what our pages may do.

A page of another site that the owner visits can send requests to this box with the owner's
identity. So the Host must be a name of this box (a foreign name that was pointed here is refused:
DNS rebinding), and nothing that another site's page starts is answered but a link that was
followed.
"""

from __future__ import annotations

from collections.abc import Set
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from albums.identity.access import Refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # Not "no-referrer": then browsers hide from us that a form comes from our own page.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def foreign_host(headers: Headers, names: Set[str]) -> Refusal | None:
    """`names` are those by which this box may be called, in lower case."""
    host = headers.get("host", "")
    if _name(f"//{host}") in names and len(headers.getlist("host")) == 1:
        return None
    return Refusal(
        421,
        f"This box is not called {host[:100]!r}",
        "A foreign name that leads here may be an attack from a web page",
        "Add the name to `hosts` in albums.toml if it is yours",
    )


def foreign_page(method: str, headers: Headers) -> Refusal | None:
    """Requests that another site's page makes. Following a link is the one thing that it may."""
    site = headers.get("sec-fetch-site", "none")
    if method not in READING:
        if site in ("same-origin", "none") and _same_origin(headers):
            return None
        return Refusal(
            403, "Another site's page may not change anything here", "The request came from it"
        )
    followed = headers.get("sec-fetch-mode") == "navigate" and _opens_a_page(headers)
    if site in ("same-origin", "none") or (followed and method == "GET"):
        return None
    return Refusal(403, "Another site's page may not look in here", "The request came from it")


def _opens_a_page(headers: Headers) -> bool:
    return headers.get("sec-fetch-dest", "document") == "document"


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def _name(url: str) -> str:
    """The host's name without port; empty when it cannot be one."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
