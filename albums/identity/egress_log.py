"""Counts what the guard stopped and writes it down: <library>/egress.jsonl outlives restarts."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import traceback
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

_DEPTH = 40  # innermost frames of a stack that are kept
_OFTEN = 100  # calls from one line of code that are all written, ...
_PAUSE = 60.0  # ... then one in so many seconds, with the total: the disk is for photos


class Egress:
    """What tried to leave since the guard stands. Safe to use from any thread.

    The file's first line is {"since"}, then one {"at", "stopped", "to", "stack"} a stopped call;
    `stopped` is the total so far. A file that cannot be read or written costs memory between
    restarts, never the guard.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        # Not a Lock: a finaliser may be stopped in the thread that is just counting.
        self._lock = threading.RLock()
        self._seen: Counter[str] = Counter()  # by the line of code that called
        self._next_line = 0.0
        self._counting = threading.local()
        self.since, self.stopped, self._unwritten = _read(file)
        if self._unwritten:
            self._append("")

    def as_dict(self) -> dict[str, object]:
        """As the API says it: {"stopped": 0, "since": "2026-11-21T10:00:00+00:00"}."""
        return {"stopped": self.stopped, "since": self.since.isoformat(timespec="seconds")}

    def count(self, what: str, to: str) -> None:
        """One call that was stopped. Logging that itself wants to call out is only counted."""
        with self._lock:
            self.stopped += 1
            total = self.stopped
        if getattr(self._counting, "now", False):
            return
        self._counting.now = True
        try:
            self._write_down(what, to, total)
        finally:
            self._counting.now = False

    def _write_down(self, what: str, to: str, total: int) -> None:
        # Without the frames of the guard itself: they say nothing about who called.
        frames = [f for f in traceback.extract_stack(limit=_DEPTH) if f.filename not in _OWN]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        with self._lock:
            self._seen[place] += 1
            times = self._seen[place]
            if times > _OFTEN and time.monotonic() < self._next_line:
                return
            self._next_line = time.monotonic() + _PAUSE
        line: dict[str, object] = {"at": _now().isoformat(), "stopped": total, "to": to}
        if times == 1:
            line["stack"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
            log.error("%s. It was asked for by:\n%s", what, "".join(traceback.format_list(frames)))
        else:
            log.error("%s. Asked for %d times by %s", what, times, place)
        self._append(json.dumps(line) + "\n")

    def _append(self, line: str) -> None:
        """Whole lines only: what a full disk cut off is closed before the next one."""
        with self._lock:
            content = (self._unwritten + line).encode()
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    written = os.write(handle, content)
                finally:
                    os.close(handle)
            except OSError as error:
                log.warning("%s cannot be written: %s", self.file, error.strerror)
                return
            self._unwritten = "" if written == len(content) else "\n"


_OWN = {__file__, str(Path(__file__).with_name("egress.py"))}


def _read(file: Path) -> tuple[datetime, int, str]:
    """Since when, how many, and what must be written before the next line."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except OSError:
        lines = []
    since, stopped = None, 0
    for number, line in enumerate(lines):
        entry = _entry(line)
        since = since or _moment(entry.get("since")) or _moment(entry.get("at"))
        total = entry.get("stopped")
        if isinstance(total, int):
            stopped = max(stopped, total)
        elif number and line.strip() and not entry:
            stopped += 1  # a damaged line was a stopped call all the same
    if since is None:
        since = _now()
        ended = "\n" if lines and not lines[-1].endswith("\n") else ""
        return since, stopped, ended + json.dumps({"since": since.isoformat()}) + "\n"
    return since, stopped, "" if lines[-1].endswith("\n") else "\n"


def _entry(line: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
