"""The box's only cable, seen from the test: run something in there, then ask what came out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.identity.cable import far_side

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_PATIENCE = 60.0  # seconds
_SWITCHES = ("ALBUMS_", "HF_", "TRANSFORMERS_", "ORT_")  # the box must set what it needs itself
_MARK = f"UDP {far_side.GATEWAY} port 9"
_SEND_MARK = (
    "import socket; cable = socket.socket(type=socket.SOCK_DGRAM);"
    f"cable.sendto(b'', ('{far_side.GATEWAY}', 9))"
)


class NoNamespaces(Exception):
    """This machine, or its user, has none; the message says why."""


class Cable:
    """Python processes in the box's network, and the packets that left it."""

    def __init__(self, folder: Path) -> None:
        unshare, enter = _commands()
        self._running: list[subprocess.Popen[str]] = []
        self._record = folder / "packets.jsonl"
        self._record.touch()
        far = [*unshare, sys.executable, str(_HERE / "far_side.py"), str(self._record)]
        stdout = self._start(far, {}).stdout
        assert stdout
        self._box = stdout.readline().strip()
        self._enter = ["nsenter", "-t", self._box, *enter]
        self.packets()

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """`python ARGUMENTS` inside."""
        return self._start([*self._enter, sys.executable, *arguments], environment)

    def run(self, *arguments: str, **environment: str) -> str:
        """What it prints, when it has ended well."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=_PATIENCE)
        assert process.returncode == 0, f"{arguments}: {out}{err}"
        return out

    def packets(self) -> list[str]:
        """All that left the box since the last call, but for the kernel's own IPv6 neighbours."""
        self.run("-c", _SEND_MARK)
        deadline = time.monotonic() + _PATIENCE
        while _MARK not in (found := self._recorded()):
            assert time.monotonic() < deadline, f"the mark never arrived: {found}"
            time.sleep(0.01)
        self._record.write_text("")
        return [packet for packet in found if packet not in (_MARK, "IPv6 neighbours")]

    def close(self) -> None:
        if self._box:
            os.kill(int(self._box), signal.SIGKILL)
        for process in reversed(self._running):
            process.kill()
            process.communicate()

    def _recorded(self) -> list[str]:
        return [json.loads(line) for line in self._record.read_text().splitlines()]

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        ours = {k: v for k, v in os.environ.items() if not k.startswith(_SWITCHES)}
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ours | {"PYTHONPATH": str(_ROOT)} | environment,
        )
        self._running.append(process)
        return process


def _commands() -> tuple[list[str], list[str]]:
    """How to make namespaces, and with what options to enter them. Raises NoNamespaces."""
    for tool in ("ip", "unshare", "nsenter", "mount"):
        if not shutil.which(tool):
            raise NoNamespaces(f"there is no `{tool}` here")
    unshare, enter = ["unshare", "--net", "--mount"], ["--net", "--mount"]
    if os.geteuid() != 0:
        unshare.append("--map-root-user")
        enter += ["--user", "--preserve-credentials"]
    tried = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise NoNamespaces(tried.stderr.strip())
    return unshare, enter
