"""Everything that should worry the owner: what keeps devices out, and what may be lost."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI

from albums.assembly import Albums
from albums.identity.health import Notice, health
from albums.identity.tailnet import Tailnet
from albums.identity.tailscale import Daemon
from albums.library.checks import last_run, losses
from albums.library.database import Library
from albums.sources.inbox import InboxReport
from albums.upkeep import backup


def notices(app: FastAPI, daemon: Daemon | None) -> list[Notice]:
    """All that was looked at, good or not. `daemon`: None where Tailscale was not asked yet."""
    albums: Albums = app.state.albums
    found = [_originals(albums.library)]
    if backups := backup.notice(albums.settings):
        found.append(backups)
    if (inbox := albums.inbox.report()).running:
        found.append(_inbox(inbox))
    if daemon:
        tailnet: Tailnet = app.state.tailnet
        found = [*health(daemon, tailnet.certificate_ends, datetime.now(UTC)), *found]
    return found


def _inbox(report: InboxReport) -> Notice:
    """Files that stay there are not in the library, unless their reason says so."""
    if report.trouble:
        return Notice("inbox", "broken", f"nothing is taken from the inbox: {report.trouble}")
    stay = "1 file stays" if report.left == 1 else f"{report.left} files stay"
    hint = "The note beside each says why" if report.left else ""
    return Notice("inbox", "good", f"{stay} in the inbox", hint)


def _originals(library: Library) -> Notice:
    """What `albums verify` found; reads nothing itself."""
    with library.read() as db:
        lost, last = losses(db), last_run(db)
    if lost:
        files = "1 file is" if lost == 1 else f"{lost} files are"
        hint = "`albums verify --repair-from BACKUP` brings back what a backup holds"
        return Notice("originals", "broken", f"{files} missing or damaged", hint)
    if last is None:
        return Notice("originals", "good", "the originals were not verified yet")
    found = f"nothing was wrong with the originals that were read on {last['began_at'][:10]}"
    return Notice("originals", "good", found)
