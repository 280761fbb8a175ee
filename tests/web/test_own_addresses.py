"""The box at its own 100.x and fd7a: addresses, in a network that the test makes itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ALONE = ["unshare", "--net", "--map-root-user"]


def test_at_its_own_addresses_the_box_knows_who_comes(tmp_path: Path) -> None:
    if not shutil.which("ip") or not shutil.which("unshare"):
        pytest.skip("ip and unshare make the network of this test (iproute2, util-linux)")
    if subprocess.run([*ALONE, "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no network namespace")
    ran = subprocess.run(
        [*ALONE, sys.executable, "-m", "tests.web.own_addresses", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    ok, forbidden = "HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden"
    assert said == {
        "before it has its address": "OSError",
        "phone": ok,
        "phone over IPv6": ok,
        "stranger": forbidden,
        "the box itself": forbidden,
        "unknown": forbidden,
        "not of the tailnet": forbidden,
        "loopback": "ConnectionRefusedError",
        "after Tailscale stopped": "ConnectionRefusedError",
        "after it started again": ok,
    }
