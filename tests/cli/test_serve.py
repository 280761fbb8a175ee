"""The box is told to end, and does."""

from __future__ import annotations

import subprocess
import sys


def test_a_signal_that_comes_as_the_box_begins_to_wait_for_one_is_heard() -> None:
    """At each line of the wait, and of what it calls."""
    program = """
import os, signal, sys
from albums.cli.serve import _Ending

def wait_with_a_signal_at(line):
    ending, left = _Ending(), [line]
    def trace(frame, event, arg):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        return trace
    sys.settrace(trace)
    heard = ending.wait(0.2)
    sys.settrace(None)
    assert heard or left[0] > 0 or ending.wait(5)
    return left[0] <= 0

line = 1
while wait_with_a_signal_at(line):
    line += 1
assert line > 2
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
