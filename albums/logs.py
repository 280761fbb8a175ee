"""Structured logging: one line an event, with the asset or arrival it is about."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_subject: ContextVar[str] = ContextVar("subject", default="-")


@contextmanager
def about(subject: str) -> Iterator[None]:
    """Every line logged inside names `subject`: an asset's hash or an arrival's name."""
    token = _subject.set(subject)
    try:
        yield
    finally:
        _subject.reset(token)


class _Subject(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.subject = _subject.get()
        return True


class _ForJournal(logging.Formatter):
    """As sd-daemon(3) wants it: a priority before each line, and no time, which it knows itself."""

    def format(self, record: logging.LogRecord) -> str:
        priority = next(p for level, p in _PRIORITIES if record.levelno >= level)
        lines = super().format(record).splitlines()
        return "\n".join(f"<{priority}>{line}" for line in lines)


_LINE = "%(name)s [%(subject)s] %(message)s"
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6),
               (logging.NOTSET, 7))  # fmt: skip


def set_up(level: str) -> None:
    """Log to standard error from `level` up."""
    handler = logging.StreamHandler()
    handler.addFilter(_Subject())
    plain = logging.Formatter(f"%(asctime)s %(levelname)-7s {_LINE}")
    handler.setFormatter(_ForJournal(_LINE) if _journal_reads() else plain)
    root = logging.getLogger("albums")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False


def _journal_reads() -> bool:
    """Does standard error go to systemd's journal? A redirected one inherits the variable too."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
