"""One verification at a time, in a thread of the process that holds the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from albums.errors import Conflict
from albums.jobs import Job, Jobs
from albums.library.audit import Audit
from albums.library.database import Library
from albums.upkeep.verify.repair import Known, nothing_known
from albums.upkeep.verify.run import Progress, Verification, Wanted
from albums.vault import Vault


def _busy() -> Conflict:
    return Conflict(
        "The originals are being verified already",
        hint="Wait for it, or stop it: DELETE /api/v1/verify",
    )


@dataclass
class Verifier:
    """Starts, stops and remembers the run."""

    library: Library
    vault: Vault
    audit: Audit
    folder: Path  # of the library
    known: Known = nothing_known
    _jobs: Jobs[Progress] = field(
        default_factory=lambda: Jobs("verification", busy=_busy, remembered=0)
    )

    @property
    def last(self) -> Job[Progress] | None:
        """The run that goes on, or the one that ended last since the box started."""
        return next(iter(self._jobs.all()), None)

    def start(self, wanted: Wanted) -> Job[Progress]:
        """Raises Conflict while one runs."""
        progress = Progress()

        def work(stop: Event) -> None:
            Verification(
                self.library, self.vault, self.audit, self.folder, wanted, progress, stop,
                self.known,
            ).run()  # fmt: skip

        return self._jobs.start(progress, work)

    def stop(self) -> None:
        """It ends soon; what was read stays written down."""
        if self.last:
            self.last.stop.set()

    def close(self) -> None:
        """Stop and wait."""
        self._jobs.close()
