"""A real box in a process of its own, and the line to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

from albums.identity.doors import shell_socket

_PATIENCE = 60.0  # seconds, to begin or to end
# Of the machine that tests; the box has only what it is given here.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("ALBUMS_")}


# To see that a proof can fail: the same program, but its files are not synced.
WITHOUT_FSYNC = [
    "-c",
    "import os\n"
    "from albums.vault import durable\n"
    "os.fsync = os.fdatasync = lambda file: None\n"
    "durable.sync_file_system = lambda folder: True\n"
    "from albums.cli import main; main()",
]


class BoxBroke(AssertionError):
    """It did not begin, or ended by itself."""


class Box:
    """`albums serve --local` over one library."""

    def __init__(
        self,
        library: Path,
        log: Path,
        settings: Mapping[str, str] | None = None,
        *,
        program: list[str] | None = None,
    ) -> None:
        self.library = library
        self.log = log
        self.program = program or ["-m", "albums"]
        self.environment = ENVIRONMENT | {
            f"ALBUMS_{name.upper()}": value for name, value in (settings or {}).items()
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when it answers."""
        self._process = self.run("serve", "--local", "--port", "0")
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with self.client() as client:
                    client.get("/api/v1/status").raise_for_status()
                return
            except (httpx.TransportError, OSError):
                time.sleep(0.02)
        self.kill()
        raise BoxBroke(f"The box did not begin:\n{self.said()}")

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command of the shell over this library; what it says goes to the log."""
        command = [sys.executable, *self.program, *arguments, "--library", str(self.library)]
        with self.log.open("ab") as log:
            log.write(f"--- {' '.join(arguments)}\n".encode())
            log.flush()
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )

    def finish(self, *arguments: str) -> int:
        """The same, to its end: the exit code."""
        return self.run(*arguments).wait(timeout=600)

    def client(self) -> httpx.Client:
        """As the shell speaks to it."""
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=str(shell_socket(self.library))),
            base_url="http://localhost",
            timeout=60,
        )

    def kill(self) -> None:
        """SIGKILL, to its decoders as well."""
        if self._process:
            kill(self._process)
            self._process = None

    def end(self) -> None:
        """As systemd ends it. Raises BoxBroke when it ended before, or does not."""
        assert self._process
        if self._process.poll() is not None:
            raise BoxBroke(f"The box ended by itself:\n{self.said()}")
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise BoxBroke(f"The box does not end:\n{self.said()}") from error
        self._process = None

    @property
    def gone(self) -> bool:
        """It was killed, or never begun."""
        return self._process is None

    @property
    def memory(self) -> int:
        """Bytes of its own process that are in memory now."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]


def kill(process: subprocess.Popen[Any]) -> None:
    """A process of Box.run and all that it began."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


__all__ = ["Box", "BoxBroke", "kill"]
