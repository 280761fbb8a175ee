"""Pulls open work from the ledger, lane by lane, until there is none.

Lanes run beside each other: one thread for disk and database, one a decoder process, one for
models, one for films and one more for films that somebody waits for. All are niced, so that
searching stays quick while the box works at full speed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from albums.errors import AlbumsError, Conflict, DiskFull, LibraryUnusable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Step, Tools
from albums.library.assets import Asset, assets_by_id
from albums.library.ledger import Ledger, Result
from albums.logs import about
from albums.vault.durable import disk_trouble
from albums.vault.sidecars import DamagedSidecar

log = logging.getLogger(__name__)
_HURRIED = 20  # of a step; who opened more has gone on
_LOOK_AGAIN = 5.0  # seconds; work that was put off becomes due without a nudge
_NICENESS = {"io": 5, "cpu": 5, "model": 15, "film": 15}


@dataclass(frozen=True)
class PutOff:
    """The library's disk was full or not to be used, or the box stops: nothing is said of the asset
    by this."""

    why: str


class Runner:
    """Threads that do the work. `nudge()` when there may be new work."""

    def __init__(self, ledger: Ledger, steps: Sequence[Step], tools: Tools) -> None:
        self.ledger = ledger
        self.steps = steps
        self.tools = tools
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._round = 0
        self._taken: dict[str, set[int]] = {step.name: set() for step in steps}
        self._hurried: dict[str, list[int]] = {step.name: [] for step in steps}
        self._taking = threading.Lock()
        self._stopping = False
        self._paused = False

    def start(self) -> None:
        decoders: list[Lane] = ["cpu"] * self.tools.settings.decoders
        lanes: list[Lane] = ["io", "model", "film", "film", *decoders]
        for number, lane in enumerate(lanes):
            hurried = "film" in lanes[:number] and lane == "film"
            thread = threading.Thread(
                target=self._work_in, args=(lane, hurried), name=f"{lane}-{number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let each lane finish the batch in hand, then end."""
        self._stopping = True
        self.nudge()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def nudge(self) -> None:
        with self._changed:
            self._round += 1
            self._changed.notify_all()

    def hurry(self, step: str, asset_id: int) -> None:
        """Somebody waits for this: it is done next, and films beside the one in hand."""
        with self._taking:
            waited = self._hurried[step]
            if asset_id in waited[:1]:
                return
            self._hurried[step] = [asset_id, *(a for a in waited if a != asset_id)][:_HURRIED]
        self.nudge()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self.nudge()

    @property
    def paused(self) -> bool:
        return self._paused

    def idle(self) -> bool:
        """Nothing is due and nothing is in hand."""
        with self._taking:
            if any(self._taken.values()):
                return False
            with self.tools.library.read() as db:
                return not self.ledger.unfinished(db)

    def wait_until_idle(self, timeout: float | None = None) -> bool:
        """False when `timeout` seconds pass first, or the runner stops."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.idle():
            if self._stopping or (deadline is not None and time.monotonic() > deadline):
                return False
            with self._changed:
                self._changed.wait(0.2)
        return True

    def _work_in(self, lane: Lane, hurried: bool) -> None:
        """`hurried`: do only what somebody waits for."""
        _be_nice(_NICENESS[lane])
        steps = [step for step in self.steps if step.lane == lane]
        while not self._stopping:
            seen = self._round
            if self._paused or not self._do_next(steps, hurried):
                self._rest(seen)

    def _rest(self, seen: int) -> None:
        """Until there was a nudge since the round `seen`, or for a while."""
        with self._changed:
            if self._round == seen and not self._stopping:
                self._changed.wait(_LOOK_AGAIN)

    def _do_next(self, steps: Sequence[Step], hurried: bool) -> bool:
        """Do a batch of the first step that has work. A full disk ends a batch, not the lane."""
        try:
            return any(self._do_batch(step, hurried) for step in steps)
        except (DiskFull, LibraryUnusable) as error:
            log.warning("the work waits: %s", error)
            return False
        except Exception:
            log.exception("the work could not be taken or written down; trying again soon")
            return False

    def _do_batch(self, step: Step, hurried: bool) -> bool:
        """Take and do one batch of `step`. False when nothing is due, or the disk is in trouble."""
        assets, lost = self._take_hurried(step)
        if not assets and not lost and not hurried:
            assets, lost = self._take(step)
        if not assets and not lost:
            return False
        try:
            outcomes = self._run(step, assets)
            self._close(step, assets, outcomes)
        finally:
            with self._taking:
                self._taken[step.name] -= {asset.id for asset in assets} | lost
        if any(isinstance(outcome, PutOff) for outcome in outcomes):
            return False
        self.nudge()
        return True

    def _take(self, step: Step) -> tuple[list[Asset], set[int]]:
        with self._taking, self.tools.library.read() as db:
            if not self.ledger.has_open(db, step.name, self._taken[step.name]):
                return [], set()
        with self._taking:
            with self.tools.library.write(durable=False) as db:
                taken = self.ledger.take(db, step.name, step.batch, self._taken[step.name])
                assets = assets_by_id(db, taken)
            self._taken[step.name] |= set(taken)  # now, for a commit may fail
        return assets, set(taken) - {asset.id for asset in assets}

    def _take_hurried(self, step: Step) -> tuple[list[Asset], set[int]]:
        with self._taking:
            if not self._hurried[step.name]:
                return [], set()
            with self.tools.library.read() as db:
                waited = self.ledger.unfinished_of(db, step.name, self._hurried[step.name])
            self._hurried[step.name] = [a for a in waited if a not in self._taken[step.name]]
            due = [a for a in self._hurried[step.name] if waited[a]][:1]
            if not due:
                return [], set()
            with self.tools.library.write(durable=False) as db:
                self.ledger.take_this(db, step.name, due[0])
                assets = assets_by_id(db, due)
            self._taken[step.name] |= set(due)
        return assets, set(due) - {asset.id for asset in assets}

    def _run(self, step: Step, assets: Sequence[Asset]) -> list[Outcome | PutOff]:
        """Run a batch; when it breaks, one by one, so that one bad file costs one file."""
        try:
            with about(assets[0].sha if len(assets) == 1 else f"{len(assets)} assets"):
                return [*step.run(assets, self.tools)]
        except Exception as error:
            if not isinstance(error, AlbumsError):
                log.exception("%s failed", step.name)
            if len(assets) == 1:
                return [_broken(error)]
        return [outcome for asset in assets for outcome in self._run(step, [asset])]

    def _close(
        self, step: Step, assets: Sequence[Asset], outcomes: Sequence[Outcome | PutOff]
    ) -> None:
        """Write results and ledger in one transaction; when it breaks, asset by asset."""
        try:
            self._write_down_when_possible(step, assets, outcomes)
        except Exception as error:
            if len(assets) > 1:
                for asset, outcome in zip(assets, outcomes, strict=True):
                    self._close(step, [asset], [outcome])
                return
            log.exception("%s could not be written down", step.name)
            self._write_down(step, assets, [_broken(error)])

    def _write_down_when_possible(
        self, step: Step, assets: Sequence[Asset], outcomes: Sequence[Outcome | PutOff]
    ) -> None:
        """A full disk is waited for: what was found out is not thrown away for it."""
        while True:
            seen = self._round
            try:
                return self._write_down(step, assets, outcomes)
            except (DiskFull, LibraryUnusable) as error:
                if self._stopping:
                    raise
                log.warning("%s waits to be written down: %s", step.name, error)
                self._rest(seen)

    def _write_down(
        self, step: Step, assets: Sequence[Asset], outcomes: Sequence[Outcome | PutOff]
    ) -> None:
        results = []
        with self.tools.library.write(durable=False) as db:
            present = {asset.id for asset in assets_by_id(db, [a.id for a in assets])}
            for asset, outcome in zip(assets, outcomes, strict=True):
                if asset.id not in present:  # erased while it was in hand
                    continue
                if isinstance(outcome, Done | Failed):
                    outcome.write(db)
                results.append(_result(asset.id, outcome))
            self.ledger.close(db, step.name, results)


def _broken(error: Exception) -> Outcome | PutOff:
    """How work ended that raised this."""
    trouble = disk_trouble(error, "this") if isinstance(error, OSError) else None
    match trouble or error:
        case DamagedSidecar() as said:
            return Failed(str(said))
        case DiskFull() | LibraryUnusable() | Conflict() as not_now:
            return PutOff(str(not_now))
        case AlbumsError() as said:
            return Failed(str(said))
    return Failed(f"{type(error).__name__}: {error}", again=True)


def _result(asset_id: int, outcome: Outcome | PutOff) -> Result:
    match outcome:
        case PutOff(why):
            return Result(asset_id, "open", why)
        case Done(warning=warning, changed=changed):
            return Result(asset_id, "done", warning, changed=changed)
        case Skipped(why):
            return Result(asset_id, "skipped", why)
        case Failed(why, again):
            return Result(asset_id, "failed", why, again)


def _be_nice(niceness: int) -> None:
    # Linux gives each thread its own niceness, and threads inherit it: the threads that a model
    # makes for itself are as polite as the lane that loaded it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
