"""How answers look: JSON for programs, tables and progress for people."""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from rich.table import Table

_PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
_WIDE = 200  # columns of a table that is not shown on a terminal


def print_json(content: Any) -> None:
    """Indented on a terminal, one line otherwise."""
    indent = 2 if sys.stdout.isatty() else None
    print(json.dumps(content, ensure_ascii=False, indent=indent), flush=True)


def print_json_line(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False), flush=True)


def print_table(table: Table) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def new_table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    return Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)


def say(sentence: str) -> None:
    """A word to the person; not part of the answer."""
    print(sentence, file=sys.stderr, flush=True)


def megabytes(size: int) -> str:
    """ "2.4 MB"; less than a tenth is still one."""
    return f"{max(size / 1e6, 0.1 if size else 0):,.1f} MB"


def clock(seconds: float | None) -> str:
    """0:07, 12:40, 3:05:00; empty when not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Meter:
    """A bar on a terminal, a line now and then elsewhere. Always on standard error."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[note]}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=None, note="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, doing: str, done: float, total: float | None, note: str) -> None:
        """Where it stands; `total` is None while it is not known."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=doing, completed=done, total=total, note=note)
        elif time.monotonic() - self._said >= _PLAIN_EVERY:
            self._said = time.monotonic()
            share = f" {done / total:.0%}" if total else ""
            say(f"{doing}{share} {note}")
