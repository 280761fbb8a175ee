"""What is wrong with this installation or library, and what to do about it. Changes nothing."""

from __future__ import annotations

import fcntl
import importlib
import importlib.metadata
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from albums.errors import AlbumsError
from albums.ml.shelf import Shelf
from albums.settings import Settings

if TYPE_CHECKING:
    from albums.identity.tailscale import Daemon

_PYTHON = (3, 11)
_SQLITE = (3, 35, 0)  # `returning`
_ROOM = 1 << 30  # bytes below which little more can be taken in
_NATIVE = ("numpy", "PIL.Image", "pillow_heif", "onnxruntime", "torch", "fastapi", "uvicorn")
_BUILT = datetime(2026, 1, 1).timestamp()  # no clock that is right is before this


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `broken` keeps Albums from working; `doubtful` does not."""

    name: str
    state: Literal["good", "doubtful", "broken"]
    found: str
    hint: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything, one after the other."""
    for check in CHECKS:
        try:
            yield check(settings)
        except (AlbumsError, OSError, sqlite3.Error) as error:
            yield Check(check.__name__.strip("_"), "broken", str(error))


def python(settings: Settings) -> Check:
    found = f"Python {'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}"
    if sys.version_info[:2] == _PYTHON:
        return Check("python", "good", found)
    return Check("python", "broken", found, "Use scripts/albums: it looks for Python 3.11")


def packages(settings: Settings) -> Check:
    missing = [name for name in _required() if not _installed(name)]
    wrong = [f"{name} ({why})" for name in _NATIVE if (why := _import_error(name))]
    if missing or wrong:
        found = "; ".join(
            [*(f"{name} is not installed" for name in missing), *(f"{w} fails" for w in wrong)]
        )
        return Check("packages", "broken", found, "Remove .venv and start scripts/albums again")
    return Check("packages", "good", f"{len(_required())} packages are there and load")


def _required() -> list[str]:
    wanted = importlib.metadata.requires("albums") or []
    names = (re.match(r"[\w.-]+", line) for line in wanted if "extra ==" not in line)
    return [name[0] for name in names if name]


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _import_error(module: str) -> str:
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:  # OSError: a shared library that does not load
        return str(error)
    return ""


def sqlite(settings: Settings) -> Check:
    found = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < _SQLITE:
        return Check("sqlite", "broken", found, f"{'.'.join(map(str, _SQLITE))} or newer is needed")
    try:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("create virtual table t using fts5(words)")
    except sqlite3.OperationalError as error:
        return Check("sqlite", "broken", f"{found}: {error}", "Use a Python whose SQLite has FTS5")
    return Check("sqlite", "good", f"{found} with FTS5")


def folder(settings: Settings) -> Check:
    place = settings.library
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK | os.X_OK):
        hint = f"Run as its owner, or: chown -R $USER {place}"
        return Check("folder", "broken", f"{place} is not writable", hint)
    free = shutil.disk_usage(place).free
    found = f"{settings.library}, {free / 1e9:.1f} GB free"
    if free < _ROOM:
        return Check("folder", "doubtful", found, "Free some space: uploads will be refused soon")
    return Check("folder", "good", found)


def database(settings: Settings) -> Check:
    if not settings.database.exists():
        return Check("database", "good", "none yet; the first command makes it")
    from albums.library.migrations import unknown_migrations

    uri = f"{settings.database.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as db:
        from sqlite_utils import Database

        wrong = [row[0] for row in db.execute("pragma quick_check(3)") if row[0] != "ok"]
        newer = unknown_migrations(Database(db))
    if wrong:
        hint = "Restore it from a backup; originals and sidecars beside it are not affected"
        return Check("database", "broken", "; ".join(wrong), hint)
    if newer:
        found = f"written by a newer Albums ({', '.join(newer)})"
        return Check("database", "broken", found, "Update this program")
    return Check("database", "good", f"whole, {settings.database.stat().st_size / 1e6:.1f} MB")


def incoming(settings: Settings) -> Check:
    left = list((settings.library / "incoming").glob("*"))
    if not left or _box_runs(settings):
        return Check("incoming", "good", "nothing was cut off")
    found = f"{len(left)} arrivals were cut off"
    return Check("incoming", "doubtful", found, "The next start finishes or sweeps them by itself")


def _box_runs(settings: Settings) -> bool:
    try:
        with (settings.library / "albums.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def decoders(settings: Settings) -> Check:
    """A small picture of each kind goes the way that a photo goes: through the sandbox."""
    import pillow_heif
    from PIL import Image

    from albums.media.picture import render
    from albums.media.sandbox import Sandbox
    from albums.media.seccomp import sockets_are_refused

    pillow_heif.register_heif_opener()
    wrong = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        Sandbox(1, settings.decode_memory_mb, settings.decode_seconds) as sandbox,
    ):
        for kind in ("jpeg", "png", "webp", "heif", "avif"):
            path = Path(scratch, f"test.{kind}")
            try:
                Image.linear_gradient("L").convert("RGB").save(path, kind)
                sandbox.call(render, path, (300,))
            except (AlbumsError, OSError, KeyError, ValueError) as error:
                wrong.append(f"{kind}: {error}")
        alone = not wrong and sandbox.call(sockets_are_refused)
    if wrong:
        hint = "Remove .venv and start scripts/albums again"
        return Check("decoders", "broken", "; ".join(wrong), hint)
    found = "JPEG, PNG, WebP, HEIC and AVIF can be opened"
    if not alone:
        found += ", but a file that takes a decoder over could reach the network"
        return Check("decoders", "doubtful", found, "Linux on x86-64 or ARM64 cuts decoders off")
    return Check("decoders", "good", f"{found}; decoders have no network")


def time_zone(settings: Settings) -> Check:
    if not settings.time_zone:
        return Check("time_zone", "good", f"this machine's: {time.tzname[0]}")
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        hint = 'Use a name such as "Europe/Lisbon"'
        return Check("time_zone", "broken", f"{settings.time_zone!r} is not a time zone", hint)
    return Check("time_zone", "good", settings.time_zone)


def clock(settings: Settings) -> Check:
    now = time.time()
    shown = datetime.now().astimezone().isoformat(timespec="seconds")
    newest = settings.database.stat().st_mtime if settings.database.exists() else 0.0
    if now < _BUILT or now < newest - 3600:
        return Check("clock", "broken", f"{shown} cannot be right", "Set it, or turn on NTP")
    return Check("clock", "good", shown)


def port(settings: Settings) -> Check:
    name = f"{settings.host}, port {settings.port}"
    try:
        family = socket.getaddrinfo(settings.host, settings.port)[0][0]
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        if _box_runs(settings):
            return Check("port", "good", f"{name} is taken, and the box runs")
        hint = "Choose another: port in albums.toml, or albums serve --port"
        return Check("port", "doubtful", f"{name}: {error.strerror}", hint)
    return Check("port", "good", f"{name} is free")


def models(settings: Settings) -> Check:
    wanted = (settings.embedder, settings.captioner, settings.reader)
    shelf = Shelf(settings.models, embedder=wanted[0], captioner=wanted[1], reader=wanted[2])
    rows = shelf.list()
    partial = [row.id for row in rows if row.state == "partial"]
    chosen = [f"{row.id} ({row.kind})" for row in rows if row.state == "chosen"]
    if len(chosen) < len({row.kind for row in rows}):
        found = f"chosen are {', '.join(wanted)}: not all are here"
        return Check("models", "broken", found, "See `albums models list`, then `models pull`")
    if partial:
        found = f"not downloaded to the end: {', '.join(partial)}"
        return Check("models", "doubtful", found, f"albums models pull {partial[0]}")
    hint = "`albums models pull` brings models that see more" if "basic (" in chosen[0] else ""
    return Check("models", "good", ", ".join(chosen), hint)


def tailscale(settings: Settings) -> Check:
    """The way in for devices: worst first, of state, key and certificate."""
    import asyncio
    from datetime import UTC

    from albums.identity.health import health

    daemon, certificate = asyncio.run(_ask_tailscale(settings))
    notices = health(daemon, certificate, datetime.now(UTC))
    worst = max(notices, key=lambda notice: ("good", "doubtful", "broken").index(notice.state))
    found = "; ".join(notice.found for notice in notices)
    return Check("tailscale", worst.state, found, worst.hint)


async def _ask_tailscale(settings: Settings) -> tuple[Daemon, datetime | None]:
    from albums.identity.health import certificate_end
    from albums.identity.tailscale import LocalApi

    given = settings.tailscale_socket
    api = LocalApi(Path(given).expanduser() if given else None)
    try:
        daemon = await api.status()
        running = daemon.state == "running"
        return daemon, await certificate_end(api, daemon) if running else None
    finally:
        await api.aclose()


CHECKS: tuple[Callable[[Settings], Check], ...] = (
    python,
    packages,
    sqlite,
    folder,
    database,
    incoming,
    decoders,
    models,
    time_zone,
    clock,
    port,
    tailscale,
)
