"""What the box acknowledged: after any blow, each of these promises must still hold."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Promise(Generic[Value]):
    """One thing that the box was asked to keep: the values that it may have now."""

    def __init__(self, value: Value) -> None:
        self.may: set[Value] = {value}

    @contextmanager
    def becoming(self, value: Value) -> Iterator[None]:
        """Until the box acknowledges, both are right; then only the new one is."""
        self.may.add(value)
        yield
        self.may = {value}

    def seen(self, value: Value) -> bool:
        """Is this right? If so it is the only right value from now on."""
        right = value in self.may
        self.may = {value}
        return right

    @property
    def sure(self) -> Value | None:
        """The value, where there is only one."""
        return next(iter(self.may)) if len(self.may) == 1 else None


@dataclass
class Sent:
    """A file that was sent, or is being sent."""

    sha: str
    name: str
    content: bytes
    by: str  # the act that first sent it
    place: Promise[str] = field(default_factory=lambda: Promise("absent"))
    title: Promise[str | None] = field(default_factory=lambda: Promise(None))
    tags: dict[str, Promise[bool]] = field(
        default_factory=lambda: defaultdict(lambda: Promise(False))
    )
    collections: dict[str, Promise[bool]] = field(
        default_factory=lambda: defaultdict(lambda: Promise(False))
    )
    # Until the library has it, it must lie here, whole: a path, or one of the box's addresses.
    waits: Path | str | None = None
    # Its owner wants it: what was refused or cut off may lie whole in the box, and come in later.
    wanted: bool = True
    hand: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        return f"{self.name} {self.sha[:12]} (first by {self.by})"


@dataclass
class Begun:
    """An upload in pieces."""

    sent: Sent
    where: str
    offset: int = 0  # so far the box acknowledged it


class Witness:
    """Everything sent so far. Safe to use from several threads."""

    def __init__(self) -> None:
        self.sent: dict[str, Sent] = {}
        self.receipts: dict[str, str] = {}  # id -> sha
        self.begun: list[Begun] = []  # nobody is at work on these now
        self._lock = threading.Lock()
        self._number = 0

    def new(self, name: str, content: bytes, by: str) -> Sent:
        """A file that nobody has sent yet."""
        with self._lock:
            self._number += 1
            sent = Sent(hashlib.sha256(content).hexdigest(), name, content, by)
            self.sent[sent.sha] = sent
            return sent

    def number(self) -> int:
        """One that was never given before."""
        with self._lock:
            self._number += 1
            return self._number

    @contextmanager
    def some(self, rng: Random, place: str) -> Iterator[Sent | None]:
        """One of those that are surely there, while nobody else acts on it; None: there is none."""
        with self._lock:
            all_sent = list(self.sent.values())
        for _ in range(20 if all_sent else 0):
            sent = rng.choice(all_sent)
            if sent.hand.acquire(blocking=False):
                try:
                    if sent.place.sure == place:
                        yield sent
                        return
                finally:
                    sent.hand.release()
        yield None

    def counts(self) -> dict[str, int]:
        """How many files are, or may be, where."""
        found: dict[str, int] = defaultdict(int)
        for sent in self.sent.values():
            found["/".join(sorted(map(str, sent.place.may)))] += 1
        return dict(found)


class Broken(AssertionError):
    """Promises that do not hold."""

    def __init__(self, broken: list[Any]) -> None:
        lines = "\n  ".join(map(str, broken[:20]))
        super().__init__(f"{len(broken)} promises are broken:\n  {lines}")
