"""Plain loopback, the first-run door: one-time links and the sessions that they open.

Of links and sessions only the SHA-256 is kept: who reads the memory or the file cannot enter.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import secrets
import threading
from hmac import compare_digest
from pathlib import Path
from time import monotonic, time

from albums.identity.other_end import same_user

__all__ = ["COOKIE", "SESSION_LASTS", "Sessions", "entrance", "same_user"]

COOKIE = "albums-session"
SESSION_LASTS = 90 * 86400  # seconds after its last use

_LINK_LASTS = 24 * 3600  # seconds
_LINKS = 5  # alive at a time; the oldest goes first
_SESSIONS = 64
_SAVE_USE_EVERY = 86400  # seconds; the file is not written for each request

log = logging.getLogger(__name__)


class Sessions:
    """Who entered through a one-time link. Safe to ask from any thread."""

    def __init__(self, file: Path) -> None:
        """`file` keeps the sessions (not the links) over a restart; it need not exist yet."""
        self._file = file
        self._lock = threading.Lock()
        self._links: dict[bytes, float] = {}  # hash -> when it ends, monotonic seconds
        self._used = _read(file)  # hash -> last use, Unix seconds
        self._saved = dict(self._used)

    def link(self) -> str:
        """A new token of 256 bits that opens one session, once, within a day."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._links) >= _LINKS:
                del self._links[next(iter(self._links))]
            self._links[_hash(token)] = monotonic() + _LINK_LASTS
        return token

    def redeem(self, token: str) -> str | None:
        """Use up a link: the session for the cookie, or None when the link is worth nothing."""
        with self._lock:
            link = _same(self._links, token)
            if link is None or self._links.pop(link) < monotonic():
                return None
            session = secrets.token_urlsafe(32)
            while len(self._used) >= _SESSIONS:
                del self._used[min(self._used, key=self._used.__getitem__)]
            self._used[_hash(session)] = time()
            self._save()
        log.info("Somebody entered through a one-time link")
        return session

    def knows(self, cookie: str | None) -> bool:
        """Is this a session that was opened here, and used in the last 90 days?"""
        if not cookie:
            return False
        now = time()
        with self._lock:
            session = _same(self._used, cookie)
            if session is None:
                return False
            if now - self._used[session] > SESSION_LASTS:
                del self._used[session]
                self._save()
                return False
            # A clock that was set back (no battery, no network yet) must not age a session.
            self._used[session] = max(now, self._used[session])
            if now - self._saved.get(session, 0) > _SAVE_USE_EVERY:
                self._save()
        return True

    def end(self, cookie: str | None) -> None:
        """This session is over; an unknown one already is."""
        with self._lock:
            session = _same(self._used, cookie or "")
            if session is not None:
                del self._used[session]
                self._save()

    def end_all(self) -> None:
        """Everybody has to enter anew, and no link that is out works any more."""
        with self._lock:
            self._links.clear()
            self._used.clear()
            self._save()

    def _save(self) -> None:
        sessions = {hashed.hex(): round(used) for hashed, used in self._used.items()}
        try:
            _replace(self._file, json.dumps({"sessions": sessions}, indent=1).encode())
        except OSError as error:
            log.warning("Sessions will not survive a restart: %s: %s", self._file, error)
        self._saved = dict(self._used)


def entrance(door: str, token: str) -> str:
    """The address to print: `door` is "http://127.0.0.1:8300"."""
    return f"{door}/enter?token={token}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _same(kept: dict[bytes, float], token: str) -> bytes | None:
    """The kept hash of this token. It looks at all of them: the time taken tells nothing."""
    hashed = _hash(token)
    found = [one for one in kept if compare_digest(one, hashed)]
    return found[0] if found else None


def _read(file: Path) -> dict[bytes, float]:
    try:
        return _parse(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        log.warning("Nobody is known any more: %s cannot be read: %r", file, error)
        return {}


def _parse(content: bytes) -> dict[bytes, float]:
    """Raises ValueError, TypeError, KeyError, AttributeError or RecursionError when damaged."""
    used = {bytes.fromhex(key): float(at) for key, at in json.loads(content)["sessions"].items()}
    if not all(len(key) == hashlib.sha256().digest_size for key in used):
        raise ValueError("a hash is cut off")
    if not all(math.isfinite(at) for at in used.values()):
        raise ValueError("a time is none")
    return used


def _replace(file: Path, content: bytes) -> None:
    """Atomic, and readable by its owner only from the first byte on."""
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(descriptor)
    temporary.replace(file)
