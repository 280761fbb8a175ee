"""What is logged, as a person at a terminal and as systemd's journal gets it."""

from __future__ import annotations

import os
import subprocess
import sys

SAY = """
import logging, os, sys
if len(sys.argv) > 1:
    found = os.fstat(2)
    os.environ["JOURNAL_STREAM"] = f"{found.st_dev}:{found.st_ino + int(sys.argv[1])}"
from albums import logs
logs.set_up("info")
log = logging.getLogger("albums.test")
with logs.about("abc"):
    log.warning("one\\ntwo")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("three")
log.debug("four")
"""


def _said(*arguments: str) -> list[str]:
    environment = {k: v for k, v in os.environ.items() if k != "JOURNAL_STREAM"}
    ended = subprocess.run(
        [sys.executable, "-c", SAY, *arguments],
        stderr=subprocess.PIPE, text=True, check=True, env=environment,
    )  # fmt: skip
    return ended.stderr.splitlines()


def test_a_line_says_when_how_bad_and_about_what() -> None:
    first = _said()[0]
    assert first.endswith(" WARNING albums.test [abc] one")
    assert first[:2] == "20"


def test_the_journal_gets_a_priority_with_each_line_and_no_second_time() -> None:
    lines = _said("0")
    assert lines[:3] == ["<4>albums.test [abc] one", "<4>two", "<3>albums.test [-] three"]
    assert all(line.startswith("<3>") for line in lines[2:])
    assert lines[-1] == "<3>ZeroDivisionError: division by zero"


def test_a_redirected_program_does_not_write_for_the_journal() -> None:
    assert not [line for line in _said("1") if line.startswith("<")]
