"""Structured logging: one line an event, with the asset or arrival it is about."""

from __future__ import annotations

import logging
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


def set_up(level: str) -> None:
    """Log to standard error from `level` up."""
    handler = logging.StreamHandler()
    handler.addFilter(_Subject())
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)-7s %(name)s [%(subject)s] %(message)s")
    )
    root = logging.getLogger("albums")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
