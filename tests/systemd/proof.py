"""The installer, the units and the box on a real systemd, in a machine of its own.

Takes a minute and needs root, so it runs only when named: scripts/test tests/systemd/proof.py
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.systemd.machine import Machine, lacking

ROOT = Path(__file__).parent.parent.parent
SOURCE = "/opt/source"
PROGRAM = "/opt/albums/current"
# The machine has no network, so its packages are those that the tests run with.
PREPARE = """\
#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."
"$ALBUMS_PYTHON" -m venv --without-pip .venv
printf '%s\\n' "$PWD" /opt/packages >.venv/lib/python3.11/site-packages/here.pth
printf '#!%s\\nfrom albums.cli import main\\nmain()\\n' "$PWD/.venv/bin/python" >.venv/bin/albums
chmod +x .venv/bin/albums
"""

pytestmark = [
    pytest.mark.skipif(bool(lacking()), reason=lacking()),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(
        tmp_path_factory.mktemp("scratch"), Path(sysconfig.get_path("purelib")).resolve()
    )
    source = tmp_path_factory.mktemp("source")
    for name in ("albums", "scripts", "systemd"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    (source / "models").mkdir()
    for name in ("models/manifest.json", "models/README.md", "README.md", "pyproject.toml",
                 "requirements.lock", "requirements-dev.lock"):  # fmt: skip
        shutil.copy(ROOT / name, source / name)
    (source / "scripts/prepare").write_text(PREPARE)
    machine.bring(source, SOURCE)
    machine.write("/etc/systemd/system/tailscaled.socket", "[Socket]\nListenStream=/run/tailscale/"
                  "tailscaled.sock\nSocketMode=0666\n")  # fmt: skip
    machine.write("/etc/systemd/system/tailscaled.service", "[Service]\nExecStart=/bin/sleep 999\n")
    machine.says("systemctl", "start", "tailscaled.socket")
    yield machine
    machine.close()


@pytest.fixture
def installed(machine: Machine) -> Machine:
    """Albums runs as a service. Also an upgrade that changes nothing, as `scripts/install` may be
    started again at any time."""
    machine.run("rm", "-rf", "/etc/systemd/system/albums.service.d")
    said = machine.says(f"{SOURCE}/scripts/install")
    assert "albums claim" in said
    return machine


def wait_until(what: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.2)


def test_one_command_installs_a_service_that_answers_and_starts_with_the_machine(
    installed: Machine,
) -> None:
    assert installed.unit("albums", "ActiveState") == "active"
    assert installed.unit("albums", "StatusText").startswith("Serves ")
    assert installed.unit("albums", "UnitFileState") == "enabled"
    assert installed.unit("albums-upkeep.timer", "ActiveState") == "active"
    pid = installed.unit("albums", "MainPID")
    assert installed.says("ps", "-o", "user=", "-p", pid).strip() == "albums"
    modes = installed.says("stat", "-c", "%a %U", "/run/albums", "/var/lib/albums", PROGRAM + "/")
    assert modes.splitlines() == ["750 albums", "700 albums", "755 root"]


def test_photos_are_taken_in_understood_and_found_behind_the_hardening(
    installed: Machine, tmp_path: Path, make_photo: Callable[..., bytes]
) -> None:
    for number in range(3):
        (tmp_path / f"IMG_2024070{number + 1}_120000.jpg").write_bytes(make_photo(number))
    installed.bring(tmp_path, "/srv/photos")
    installed.says("albums", "import", "/srv/photos", "--wait")
    status = json.loads(installed.says("albums", "status", "--json"))
    assert status["assets"]["total"] == 3
    assert not any(step["states"].get("failed") for step in status["work"]), status["work"]
    assert "20240701" in installed.says("albums", "search", "year:2024", "--json")


def test_the_command_is_for_root_and_the_box_itself(installed: Machine) -> None:
    installed.says("albums", "status")
    installed.says("albums", "status", user="albums")
    assert installed.run("albums", "status", user="nobody").returncode != 0
    assert "Permission" in installed.run("ls", "/run/albums", user="nobody").stderr


ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    line.sendall(b"GET / HTTP/1.1\\r\\nHost: box\\r\\nConnection: close\\r\\n\\r\\n")
    print(line.recv(100).decode().splitlines()[0])
"""


def test_tailscaled_reaches_its_socket_and_other_users_do_not(installed: Machine) -> None:
    ask = ("/usr/bin/python3.11", "-c", ASK, "/run/albums/serve.sock")
    # Root gets as far as the box, which says that it knows nobody while tailscaled is silent.
    assert installed.says(*ask) == "HTTP/1.1 503 Service Unavailable\n"
    assert "PermissionError" in installed.run(*ask, user="nobody").stderr


ALLOWED = {
    "connect to this machine", "connect to the tailnet", "ask tailscaled", "write the library",
    "write the cache", "write /tmp", "limit itself", "convolve",
}  # fmt: skip
FREE = (
    "connect to the internet", "send to the internet", "open a packet socket",
    "open a netlink socket", "write /etc", "read /home", "read /root",
    "run a program in the library", "run a program in /tmp", "see other processes", "see a disk",
    "make a namespace",  # comes last: in a new one root is nobody
)  # fmt: skip


def test_the_hardening_bites_and_does_not_hurt(installed: Machine) -> None:
    installed.write("/opt/probe.py", (ROOT / "tests/systemd/probe.py").read_text())
    installed.run("mknod", "/dev/disk0", "b", "8", "0")
    python = f"{PROGRAM}/.venv/bin/python"
    free = json.loads(installed.says(python, "/opt/probe.py", *FREE))
    assert {free[name] for name in FREE} == {"yes"}, free  # so each "no" below is the unit's doing
    installed.says("rm", "/tmp/program", "/var/lib/albums/program")
    told = probe(installed, f"{python} -W ignore /opt/probe.py")
    rights = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}
    assert {told.pop(name) for name in rights} == {"0" * 16}
    assert (told.pop("NoNewPrivs"), told.pop("Seccomp")) == ("1", "2")
    told.pop("Seccomp_filters", "")
    assert {name for name, answer in told.items() if answer == "yes"} == ALLOWED, told


def probe(machine: Machine, command: str) -> dict[str, str]:
    """What `command` prints when it runs in the place of the box."""
    machine.says("cp", f"{SOURCE}/systemd/albums.service", "/etc/systemd/system/probe.service")
    machine.write(
        "/etc/systemd/system/probe.service.d/probe.conf",
        "[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nRuntimeDirectory=\nExecStart=\n"
        f"ExecStart={command}\n",
    )
    machine.says("systemctl", "daemon-reload")
    machine.says("systemctl", "start", "probe")
    answers = re.findall(r"^{.*}$", machine.log("probe"), re.MULTILINE)
    found: dict[str, str] = json.loads(answers[-1])
    return found


def test_a_database_that_hangs_has_the_box_restarted_and_the_log_says_where_it_hung(
    installed: Machine,
) -> None:
    installed.write(
        "/etc/systemd/system/albums.service.d/quick.conf",
        "[Service]\nWatchdogSec=4s\nRestartSec=100ms\n",
    )
    installed.says("systemctl", "daemon-reload")
    installed.says("systemctl", "restart", "albums")
    time.sleep(6)  # longer than one watchdog interval
    assert installed.unit("albums", "NRestarts") == "0"
    hold = (
        "import sqlite3, time; db = sqlite3.connect('/var/lib/albums/library/albums.db');"
        "db.execute('begin exclusive'); time.sleep(12)"
    )
    installed.run("/usr/bin/python3.11", "-c", hold)
    assert int(installed.unit("albums", "NRestarts")) >= 1
    wait_until(lambda: installed.unit("albums", "ActiveState") == "active")
    shown = installed.run("journalctl", "--no-pager", "-u", "albums", "-n", "400").stdout
    assert "Watchdog timeout" in shown
    assert "Fatal Python error: Aborted" in shown
    installed.says("albums", "audit", "--check")


def test_a_box_that_is_killed_comes_back_and_one_that_is_stopped_ends_well(
    installed: Machine,
) -> None:
    installed.write("/etc/systemd/system/albums.service.d/quick.conf", "[Service]\nRestartSec=1\n")
    installed.says("systemctl", "daemon-reload")
    installed.says("systemctl", "kill", "-s", "KILL", "albums")
    wait_until(lambda: installed.unit("albums", "NRestarts") == "1")
    wait_until(lambda: installed.unit("albums", "ActiveState") == "active")
    installed.says("systemctl", "stop", "albums")
    assert installed.unit("albums", "Result") == "success"
    assert installed.unit("albums", "ExecMainStatus") == "0"
    assert installed.run("test", "-e", "/run/albums").returncode == 1


def test_wrong_settings_are_said_once_and_not_tried_again(installed: Machine) -> None:
    installed.write("/etc/systemd/system/albums.service.d/quick.conf", "[Service]\nRestartSec=1\n")
    installed.write("/var/lib/albums/library/albums.toml", "prot = 1\n")
    assert installed.run("systemctl", "restart", "albums").returncode != 0
    time.sleep(2)
    assert installed.unit("albums", "ActiveState") == "failed"
    assert "there is no setting 'prot'" in installed.log()
    installed.says("rm", "/var/lib/albums/library/albums.toml")


def test_upkeep_runs_behind_the_same_hardening(installed: Machine) -> None:
    installed.says("systemctl", "start", "albums-upkeep")
    assert installed.unit("albums-upkeep", "Result") == "success"
    assert "The log is whole." in installed.log("albums-upkeep")
    assert "decoders" in installed.log("albums-upkeep")


def change_source(machine: Machine, line: str) -> None:
    machine.says("sh", "-c", f"echo {line!r} >>{SOURCE}/albums/cli/serve.py")


def test_an_upgrade_replaces_the_program_and_leaves_settings_and_library(
    installed: Machine,
) -> None:
    before = installed.says("readlink", PROGRAM).strip()
    installed.says("sh", "-c", "echo '# mine' >>/etc/albums.env")
    change_source(installed, "# another version")
    installed.says(f"{SOURCE}/scripts/install")
    after = installed.says("readlink", PROGRAM).strip()
    assert after != before
    assert installed.says("ls", "/opt/albums").split() == sorted([after, "current"])
    assert installed.unit("albums", "ActiveState") == "active"
    assert installed.says("tail", "-n1", "/etc/albums.env") == "# mine\n"


def test_a_version_that_does_not_start_gives_way_to_the_one_before(installed: Machine) -> None:
    before = installed.says("readlink", PROGRAM)
    change_source(installed, "raise SystemExit(2)")
    ended = installed.run(f"{SOURCE}/scripts/install")
    assert ended.returncode == 1
    assert "the version before runs again" in ended.stderr
    assert installed.says("readlink", PROGRAM) == before
    assert installed.unit("albums", "ActiveState") == "active"
    installed.says("sed", "-i", "$d", f"{SOURCE}/albums/cli/serve.py")


def test_uninstalling_leaves_the_library_and_nothing_else(installed: Machine) -> None:
    said = installed.says(f"{SOURCE}/scripts/install", "--uninstall")
    assert "Your library stays in /var/lib/albums" in said
    for gone in ("/opt/albums", "/usr/local/bin/albums", "/var/cache/albums",
                 "/etc/systemd/system/albums.service"):  # fmt: skip
        assert installed.run("test", "-e", gone).returncode == 1, gone
    installed.says("test", "-e", "/var/lib/albums/library/albums.db")


def test_another_command_of_the_same_name_is_not_overwritten(machine: Machine) -> None:
    machine.says(f"{SOURCE}/scripts/install", "--uninstall")
    machine.write("/usr/local/bin/albums", "somebody else's")
    ended = machine.run(f"{SOURCE}/scripts/install")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "There is another /usr/local/bin/albums" in ended.stderr
    machine.says("rm", "/usr/local/bin/albums")


def test_who_is_not_root_is_refused_before_anything_is_done(machine: Machine) -> None:
    ended = machine.run(f"{SOURCE}/scripts/install", user="nobody")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Only root may install" in ended.stderr


def test_the_machine_next_to_it_was_not_touched() -> None:
    assert not Path("/opt/albums").exists()
    assert subprocess.run(["id", "albums"], capture_output=True, check=False).returncode == 1
