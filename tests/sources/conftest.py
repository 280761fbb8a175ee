"""A door with a real vault and library behind it, beside a folder to import."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest

from albums.ingest.receive import Receiver
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.sources.inbox import Inbox
from albums.sources.inbox.inbox import InboxReport
from albums.sources.inbox.seen import Pace
from albums.vault import open_vault


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with open_receiver(tmp_path / "library") as receiver:
        yield receiver


@contextmanager
def open_receiver(home: Path) -> Iterator[Receiver]:
    home.mkdir()
    library = Library(home / "albums.db")
    audit = Audit(library, home / "audit.jsonl")
    yield Receiver(library, open_vault(home), Ledger([Plan("facts", "1")]), audit, UTC)
    library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "camera"
    path.mkdir()
    return path


QUICK = Pace(settle=0.2, unsure=0.4, stale=2, gather=0.02, look=0.5, retry=0.6, full=0.1, sweep=0.3)


@dataclass(frozen=True)
class Watching:
    """A running inbox and its folder."""

    folder: Path
    inbox: Inbox

    def wait(self, good: Callable[[InboxReport], bool], seconds: float = 15) -> InboxReport:
        """Until the inbox says what is waited for."""
        end = time.monotonic() + seconds
        while not good(report := self.inbox.report()):
            assert time.monotonic() < end, report
            time.sleep(0.01)
        return report

    def wait_until_empty(self, taken: int) -> InboxReport:
        return self.wait(lambda report: report.taken == taken and not report.waiting)


@pytest.fixture
def watching(receiver: Receiver, tmp_path: Path) -> Iterator[Watching]:
    folder = tmp_path / "inbox"
    inbox = Inbox(folder, receiver, QUICK)
    inbox.start()
    watching = Watching(folder, inbox)
    watching.wait(lambda report: report.running and report.notified)
    yield watching
    inbox.stop()
