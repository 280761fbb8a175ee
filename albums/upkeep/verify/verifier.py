"""One verification at a time, in a thread of the process that holds the library."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from albums.errors import AlbumsError, Conflict
from albums.library.audit import Audit
from albums.library.database import Library
from albums.upkeep.verify.repair import Known, nothing_known
from albums.upkeep.verify.run import Progress, Verification, Wanted
from albums.vault import Vault

log = logging.getLogger(__name__)


@dataclass
class Verifier:
    """Starts, stops and remembers the run. `error` is why the last one ended early."""

    library: Library
    vault: Vault
    audit: Audit
    folder: Path  # of the library
    known: Known = nothing_known
    progress: Progress | None = None
    error: AlbumsError | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, wanted: Wanted) -> Progress:
        """Raises Conflict while one runs."""
        with self._lock:
            if self.running:
                raise Conflict(
                    "The originals are being verified already",
                    hint="Wait for it, or stop it: DELETE /api/v1/verify",
                )
            self._stop, self.progress, self.error = threading.Event(), Progress(), None
            run = Verification(
                self.library, self.vault, self.audit, self.folder, wanted, self.progress,
                self._stop, self.known,
            )  # fmt: skip
            self._thread = threading.Thread(
                target=self._run, args=(run,), name="verify", daemon=True
            )
            self._thread.start()
        return self.progress

    def stop(self) -> None:
        """It ends soon; what was read stays written down."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait."""
        self.stop()
        if self._thread:
            self._thread.join()

    def _run(self, run: Verification) -> None:
        try:
            run.run()
        except AlbumsError as error:
            self.error = error
            log.warning("verifying ended early: %s", error)
        finally:
            if run.progress.ended is None:
                run.progress.end("stopped")
                # A bug goes on to the thread's own handler, which logs it.
                self.error = self.error or AlbumsError(
                    "Verifying broke off", hint="See the box's log"
                )
