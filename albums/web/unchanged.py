"""Answers that stay right until something is written: the counts of lists looked at again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from albums.library.database import Library

T = TypeVar("T")
_MOST = 256


class Unchanged:
    """The last answers, by key. Safe in any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._answers: OrderedDict[tuple[str, str], tuple[int, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, str], compute: Callable[[], T]) -> T:
        """What `compute` returned since the last commit, or returns now."""
        commits = self._library.commits
        with self._lock:
            known = self._answers.get(key)
        if known and known[0] == commits:
            answer: T = known[1]
            return answer
        answer = compute()
        with self._lock:
            self._answers[key] = (commits, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
        return answer
