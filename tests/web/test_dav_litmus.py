"""litmus, the WebDAV test suite of others, on the inbox."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.dav import DavBox, dav_box

pytestmark = pytest.mark.slow

__all__ = ["dav_box"]


@pytest.mark.skipif(not shutil.which("litmus"), reason="litmus is not installed (apt-get install)")
def test_litmus_finds_nothing_to_object_to(dav_box: DavBox, tmp_path: Path) -> None:
    ran = subprocess.run(
        ["litmus", "-k", f"{dav_box.phone}/dav/inbox/", "any", "password"],
        cwd=tmp_path,  # it writes a debug.log
        capture_output=True,
        text=True,
        timeout=100,
    )
    summaries = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", ran.stdout)
    assert sum(int(passed) for _, passed, _ in summaries) == 104, ran.stdout
    assert not sum(int(failed) for _, _, failed in summaries)
    assert "WARNING" not in ran.stdout, ran.stdout
