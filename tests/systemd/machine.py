"""A machine of its own to install on: a real systemd in namespaces (see `boot`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

BOOT = Path(__file__).parent / "boot"
_NEEDED = ("unshare", "nsenter", "ip", "runuser", "useradd", "/usr/bin/python3.11")
_START = 30  # seconds


def lacking() -> str:
    """Why no such machine can be started here; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a systemd of its own needs Linux and root"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    missing = [name for name in _NEEDED if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--cgroup", "--net", "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"namespaces cannot be made here: {tried.stderr}" if tried.returncode else ""


class Machine:
    """Runs until closed. All that is changed in it is gone then."""

    def __init__(self, scratch: Path, packages: Path) -> None:
        self._boot = subprocess.Popen([BOOT, scratch, packages], stdin=subprocess.DEVNULL)
        try:
            self._first = self._find_first()
            self._wait_for_start()
        except BaseException:
            self.close()
            raise

    def run(
        self, *command: str, user: str = "", given: str | None = None, seconds: float = 180
    ) -> subprocess.CompletedProcess[str]:
        """One command in the machine, as root or as `user`."""
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.run(
            ["nsenter", "--all", "--root", "--wd", "--target", self._first, *as_user, *command],
            input=given, capture_output=True, text=True, check=False, timeout=seconds,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip

    def says(self, *command: str, user: str = "", seconds: float = 180) -> str:
        """What a command prints; it must succeed."""
        ended = self.run(*command, user=user, seconds=seconds)
        assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}{self.log()}"
        return ended.stdout

    def unit(self, name: str, prop: str) -> str:
        return self.says("systemctl", "show", name, f"--property={prop}", "--value").strip()

    def log(self, unit: str = "albums") -> str:
        shown = self.run("journalctl", "--no-pager", "-u", unit, "-n", "60", "-o", "cat")
        return shown.stdout

    def write(self, path: str, content: str) -> None:
        wrote = self.run("sh", "-c", 'mkdir -p "$(dirname "$1")"; cat >"$1"', "-", path,
                         given=content)  # fmt: skip
        assert wrote.returncode == 0, wrote.stderr

    def bring(self, folder: Path, path: str) -> None:
        """Copy a folder of ours to a new one in the machine that everybody can read."""
        self.says("mkdir", "-p", path)
        packed = subprocess.run(
            ["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE, check=True
        )
        subprocess.run(
            ["nsenter", "--all", "--root", "--target", self._first,
             "tar", "-C", path, "--no-same-owner", "--no-overwrite-dir", "-x"],
            input=packed.stdout, check=True, timeout=60,
        )  # fmt: skip

    def close(self) -> None:
        self._boot.kill()
        self._boot.wait()

    def _find_first(self) -> str:
        """The id, out here, of the machine's process 1."""
        children = Path(f"/proc/{self._boot.pid}/task/{self._boot.pid}/children")
        for _ in range(_START * 10):
            if found := children.read_text().split():
                return found[0]
            time.sleep(0.1)
        raise TimeoutError("No process started in the namespaces.")

    def _wait_for_start(self) -> None:
        for _ in range(_START * 10):
            if self._boot.poll() is not None:
                raise RuntimeError(f"The machine ended with status {self._boot.returncode}.")
            # /run/systemd/private is the last that systemd makes before it listens.
            if Path(f"/proc/{self._first}/root/run/systemd/private").exists():
                state = self.run("systemctl", "is-active", "proof.target").stdout.strip()
                if state == "active":
                    return
            time.sleep(0.1)
        raise TimeoutError("The machine's systemd did not come up.")
