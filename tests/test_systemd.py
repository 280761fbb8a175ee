"""The units and the installer, as far as they can be looked at without a systemd that runs.

The rest is tests/systemd/proof.py.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNITS = ROOT / "systemd"
INSTALL = ROOT / "scripts/install"
SERVICES = ("albums.service", "albums-upkeep.service")
MOST_EXPOSED = 1.5

needs_analyze = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


@needs_analyze
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_hardly_exposed(unit: str) -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / unit],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure
    assert float(exposure[1]) <= MOST_EXPOSED, said


@needs_analyze
@pytest.mark.parametrize("unit", [*SERVICES, "albums-upkeep.timer"])
def test_systemd_finds_nothing_wrong_with_a_unit(unit: str, tmp_path: Path) -> None:
    own = Path("/lib/systemd/system")
    if not own.is_dir():
        pytest.skip("systemd's own units are not installed")
    shutil.copytree(own, tmp_path / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    program = tmp_path / "opt/albums/current/.venv/bin/albums"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    command = ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}", unit]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def _hardening(unit: str) -> list[str]:
    text = (UNITS / unit).read_text().partition("\n[Install]")[0]
    return text[text.index("# Nothing goes out") :].strip().splitlines()


def test_upkeep_is_hardened_line_for_line_as_the_box_is() -> None:
    assert _hardening("albums-upkeep.service") == _hardening("albums.service")
    assert len(_hardening("albums.service")) > 30


def _setting_names(unit: str) -> set[str]:
    return set(re.findall(r"^(\w+)=", (UNITS / unit).read_text(), re.MULTILINE))


def test_each_line_of_the_service_is_explained() -> None:
    explained = (UNITS / "README.md").read_text()
    unexplained = {name for name in _setting_names("albums.service") if f"`{name}" not in explained}
    assert not unexplained


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the installer takes, away from ours."""
    for name in ("albums", "scripts", "systemd"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "models").mkdir()
    for name in ("models/manifest.json", "models/README.md", "README.md", "pyproject.toml",
                 "requirements.lock", "requirements-dev.lock"):  # fmt: skip
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _install(checkout: Path, *arguments: str, python: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"]} | ({"ALBUMS_PYTHON": python} if python else {})
    return subprocess.run(
        ["bash", checkout / "scripts/install", *arguments],
        capture_output=True, text=True, check=False, env=environment, timeout=60,
    )  # fmt: skip


@pytest.fixture
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Says of itself that it is a Python 3.11 of the system."""
    path = tmp_path_factory.mktemp("python") / "python3.11"
    path.write_text("#!/bin/sh\necho /usr\n")
    path.chmod(0o755)
    return str(path)


def _seen(folder: Path) -> set[tuple[str, int]]:
    return {(str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*")}


needs_gnu_tar = pytest.mark.skipif(sys.platform != "linux", reason="The installer is for Linux.")


@needs_gnu_tar
def test_a_dry_run_lists_every_act_and_does_none(checkout: Path, python: str) -> None:
    before = _seen(checkout)
    ended = _install(checkout, "--dry-run", python=python)
    assert ended.returncode == 0, ended.stderr
    assert _seen(checkout) == before
    assert not Path("/opt/albums").exists()
    acts = ended.stdout.splitlines()
    assert all(act.startswith("+ ") for act in acts)
    for wanted in ("useradd .*albums", "install -d .*/var/lib/albums", "scripts/prepare",
                   "albums.service .*/etc/systemd/system", "/usr/local/bin/albums",
                   "mv .*/opt/albums/current", "daemon-reload", "restart albums.service",
                   "enable .*albums.service", "enable .*albums-upkeep.timer"):  # fmt: skip
        assert [act for act in acts if re.search(wanted, act)], wanted


@needs_gnu_tar
def test_the_same_program_is_the_same_release_and_a_changed_one_another(
    checkout: Path, python: str
) -> None:
    first = _install(checkout, "--dry-run", python=python).stdout
    for path in checkout.rglob("*.py"):
        os.utime(path, (1, 1))
    (checkout / "albums/__pycache__").mkdir()
    (checkout / "albums/__pycache__/x.pyc").touch()
    assert _install(checkout, "--dry-run", python=python).stdout == first
    (checkout / "albums/__init__.py").write_text("__version__ = '2'\n")
    assert _install(checkout, "--dry-run", python=python).stdout != first


@needs_gnu_tar
@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="Here it could really install.")
@pytest.mark.parametrize("arguments", [(), ("--uninstall",)])
def test_without_systemd_nothing_is_done_and_the_reason_is_said(
    checkout: Path, arguments: tuple[str, ...]
) -> None:
    ended = _install(checkout, *arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "nothing was changed. This machine was not started by systemd" in ended.stderr


@needs_gnu_tar
def test_a_python_that_the_service_could_not_see_is_refused(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "readlink", "id", "tar", "sha256sum", "cut", "grep"):
        (tools / name).symlink_to(shutil.which(name) or "")
    hidden = tools / "mine"
    hidden.write_text("#!/bin/sh\necho /home/me/.pyenv\n")
    hidden.chmod(0o755)
    script = (checkout / "scripts/install").read_text().replace("/usr/bin/python3.11", "")
    (checkout / "scripts/install").write_text(script)
    ended = subprocess.run(
        [tools / "bash", checkout / "scripts/install", "--dry-run"],
        env={"PATH": str(tools), "ALBUMS_PYTHON": str(hidden)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "/home/me/.pyenv is of no use: the service sees no home folder" in ended.stderr
    assert "Python 3.11 with its venv module is needed" in ended.stderr


def test_an_unknown_argument_is_wrong_input(checkout: Path) -> None:
    ended = _install(checkout, "--purge")
    assert ended.returncode == 2
    assert "--dry-run" in ended.stderr


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    scripts = [INSTALL, UNITS / "albums", ROOT / "tests/systemd/boot"]
    said = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert said.stdout == ""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd would listen at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(60)
        yield line


LOCK = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('begin exclusive');\
print(flush=True); sys.stdin.read()"


@pytest.mark.slow
def test_the_box_says_when_it_answers_gives_signs_while_its_database_does_and_says_goodbye(
    manager: socket.socket, tmp_path: Path
) -> None:
    def hear() -> str:
        return manager.recv(4096).decode()

    environment = {k: v for k, v in os.environ.items() if not k.startswith("ALBUMS_")}
    environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
    library = tmp_path / "library"
    command = [sys.executable, "-m", "albums", "serve", "--library", str(library)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as box:
        try:
            assert hear() == f"READY=1\nSTATUS=Serves {library}"
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(str(library / "albums.sock"))
            assert [hear(), hear()] == ["WATCHDOG=1"] * 2
            holding = [sys.executable, "-c", LOCK, str(library / "albums.db")]
            with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
                assert other.stdout
                other.stdout.readline()
                manager.settimeout(0.7)  # a sign that was on its way may still come, once
                with pytest.raises(TimeoutError):
                    assert [hear(), hear()] == []
                manager.settimeout(2)
                with pytest.raises(TimeoutError):
                    hear()
                other.communicate()
            manager.settimeout(30)
            assert hear().startswith("WATCHDOG=1")
            box.send_signal(signal.SIGTERM)
            while (said := hear()) == "WATCHDOG=1":
                pass
            assert said.startswith("STOPPING=1")
            assert box.wait(60) == 0
        finally:
            box.kill()
