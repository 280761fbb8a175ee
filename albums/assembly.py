"""Puts the parts together. The only place that knows them all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from albums.curate.rooms import Rooms
from albums.curate.trash import trash
from albums.errors import BadInput, LibraryUnusable, ModelMissing
from albums.ingest.facts.gazetteer import gazetteer
from albums.ingest.learned import open_again
from albums.ingest.proof import Proof
from albums.ingest.receive import Receiver
from albums.ingest.runner import Runner
from albums.ingest.step import Ruling, Tools
from albums.ingest.steps import STEPS
from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import now
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.devices import Devices
from albums.library.imports import FILE as IMPORTS
from albums.library.imports import Imports
from albums.library.ledger import Ledger, Plan
from albums.library.lock import expect_whole, hold
from albums.library.receipts import FILE as RECEIPTS
from albums.library.receipts import Receipts
from albums.library.rules import Rule
from albums.library.ruling import Knowing, Where
from albums.library.shapes import make_tables
from albums.media.sandbox import Sandbox
from albums.media.transcoder import Limits, Transcoder
from albums.ml.shelf import Shelf
from albums.search.meaning import MeaningIndex
from albums.search.standing import standing
from albums.settings import Settings
from albums.sources.inbox import Inbox
from albums.vault import Vault, open_vault
from albums.vault.durable import replace_synced

# Pictures are not fsynced. Linux writes files out within about half a minute (vm.dirty_*); those
# that a power cut may have taken are made again.
_UNSYNCED = 120  # seconds


@dataclass(frozen=True)
class Albums:
    """One open library with everything that works on it."""

    settings: Settings
    library: Library
    vault: Vault
    ledger: Ledger
    audit: Audit
    devices: Devices
    shelf: Shelf
    meaning: MeaningIndex
    receiver: Receiver
    proof: Proof
    runner: Runner
    tools: Tools
    inbox: Inbox
    imports: Imports
    _lock: BinaryIO

    def close(self) -> None:
        """Let running work finish, then let go of the library."""
        self.inbox.stop()
        self.tools.transcoder.stop()
        self.runner.stop()
        self.tools.sandbox.close()
        self.devices.flush()
        self.library.close()
        self._lock.close()

    def warm_up(self) -> None:
        """Load what the first search by meaning would wait for; drop vectors that nobody needs."""
        self.meaning.forget_other_spaces(self.shelf.space())
        space = self.meaning.best_space(self.shelf.space())
        if self.meaning.vectors(space).live:
            with suppress(ModelMissing):  # a search says so itself
                self.shelf.embedder(space).embed_texts(["warm up"])

    def use_models(self) -> None:
        """The choice of models changed: reopen what depends on it."""
        with self.library.write() as db:
            for step in STEPS:
                self.ledger.set_version(step.name, step.version(self.tools))
            self.ledger.sweep(db)
        self.runner.nudge()


def open_albums(settings: Settings) -> Albums:
    """Open the library, finish what was cut off, and find out what is to be done.

    Nothing runs yet: call `runner.start()`. Raises LibraryUnusable when another process holds it.
    """
    settings.library.mkdir(parents=True, exist_ok=True)
    lock = hold(settings.library)
    try:
        expect_whole(settings.library)
        _expect_database(settings)
        return _put_together(settings, lock)
    except BaseException:
        lock.close()
        raise


def _expect_database(settings: Settings) -> None:
    """Where there are originals, an empty database would tell phones to send all of them again."""
    audit = settings.library / "audit.jsonl"
    if not settings.database.exists() and audit.exists() and audit.stat().st_size:
        raise LibraryUnusable(
            f"The database {settings.database} is missing",
            why="The library is not empty: audit.jsonl tells of what came in",
            hint="Make it anew from the originals and their sidecars: albums rebuild",
        )


def _put_together(settings: Settings, lock: BinaryIO) -> Albums:
    vault = open_vault(settings.library)
    vault.playables.sweep()
    with vault.reserve.lent():  # who wants to free space needs a box that starts
        return _open_rooms(settings, vault, lock)


def _open_rooms(settings: Settings, vault: Vault, lock: BinaryIO) -> Albums:
    library = Library(settings.database)
    audit = Audit(library, settings.library / "audit.jsonl")
    devices = Devices(library, settings.library / "devices.json", replace_synced)
    shelf = Shelf(
        settings.models,
        embedder=settings.embedder,
        captioner=settings.captioner,
        reader=settings.reader,
        threads=settings.model_threads,
    )
    home = home_zone(settings)

    def throw_away(rule: Rule, shas: Sequence[str]) -> None:
        folder = settings.library
        trash(Rooms(library, vault, ledger, audit, home, folder, rule.actor), shas)

    tools = Tools(
        library, vault, _sandbox(settings), shelf, settings, home, _transcoder(settings),
        Ruling(Knowing(_condition, lambda points: gazetteer().places(points), home), throw_away),
    )  # fmt: skip
    ledger = Ledger([Plan(s.name, s.version(tools), s.needs, s.follows) for s in STEPS])
    with library.write() as db:
        for step in STEPS:
            if make_tables(db, step.prepare):
                ledger.redo(db, step.name)
    runner = Runner(ledger, STEPS, tools)
    receiver = Receiver(
        library,
        vault,
        ledger,
        audit,
        tools.home,
        limit=settings.upload_limit_gb << 30,
        on_received=runner.nudge,
    )
    receiver.recover()
    with library.write() as db:
        ledger.sweep(db)
        open_again(db, ledger)
        if library.was_cut_off:
            ledger.redo_latest(db, PicturesStep.name, _UNSYNCED)
    proof = Proof(library, vault, Receipts(library, settings.library / RECEIPTS))
    return Albums(
        settings, library, vault, ledger, audit, devices, shelf, MeaningIndex(library), receiver,
        proof, runner, tools, Inbox(settings.inbox_folder, receiver),
        Imports(library, settings.library / IMPORTS), lock,
    )  # fmt: skip


def _condition(rule: Rule) -> Where:
    return standing(rule.query, date.fromisoformat((rule.created_at or now())[:10]))


def _sandbox(settings: Settings) -> Sandbox:
    return Sandbox(
        workers=settings.decoders,
        memory_mb=settings.decode_memory_mb,
        seconds=settings.decode_seconds,
    )


def _transcoder(settings: Settings) -> Transcoder:
    limits = Limits(settings.decode_memory_mb, settings.playable_hours * 3600.0)
    return Transcoder(limits)


def home_zone(settings: Settings) -> ZoneInfo:
    """The zone of local times that do not say theirs."""
    name = settings.time_zone or _zone_of_this_machine()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(
            f"time_zone = {name!r} is not a time zone",
            hint='Use a name such as "Europe/Lisbon"',
        ) from error


def _zone_of_this_machine() -> str:
    named = os.environ.get("TZ", "").lstrip(":")
    link = Path("/etc/localtime")
    target = str(link.resolve()) if link.is_symlink() else ""
    found = named or (target.split("zoneinfo/")[-1] if "zoneinfo/" in target else "")
    try:
        ZoneInfo(found or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return found or "UTC"
