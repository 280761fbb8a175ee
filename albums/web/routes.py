"""Which sort of request each one is. What no line names is read by GET and written otherwise."""

from __future__ import annotations

import re

from albums.identity.access import Route
from albums.web.guard import READING

# Method ("" = any) and path, first match wins.
ROUTES: tuple[tuple[str, re.Pattern[str], Route], ...] = tuple(
    (method, re.compile(path), route)
    for method, path, route in (
        ("", r"/static/.*", Route.OPEN),
        ("", r"/enter", Route.OPEN),
        ("", r"/s/.*", Route.SHARE),
        ("POST", r"/ingest", Route.UPLOAD),
        ("", r"/uploads(/.*)?", Route.UPLOAD),
        ("", r"/dav/?", Route.UPLOAD),
        ("", r"/dav/inbox(/.*)?", Route.UPLOAD),
        ("PROPFIND", r"/dav/library(/.*)?", Route.READ),
        ("POST", r"/api/v1/have", Route.UPLOAD),
        ("", r"/api/v1/receipts(/.*)?", Route.UPLOAD),
        ("", r"/api/v1/imports(/.*)?", Route.SHELL),
        ("", r"/api/v1/exports(/.*)?", Route.SHELL),
        ("POST", r"/api/v1/backups(/.*)?", Route.SHELL),
        ("DELETE", r"/api/v1/backups/.*", Route.SHELL),
        ("POST", r"/api/v1/models/changed", Route.SHELL),
        ("POST", r"/api/v1/links", Route.SHELL),
        ("POST", r"/api/v1/verify/repair", Route.SHELL),
        ("POST", r"/api/v1/owner", Route.SHELL),
        ("POST", r"/api/v1/trash/empty", Route.DESTROY),
        ("POST", r"/trash/empty", Route.DESTROY),
        ("POST", r"/api/v1/assets/[^/]*/purge", Route.DESTROY),
    )
)


def route_of(method: str, path: str) -> Route:
    for wanted, pattern, route in ROUTES:
        if wanted in ("", method) and pattern.fullmatch(path):
            return route
    return Route.READ if method in READING else Route.WRITE
