"""Setting up: what the locks hold, and what is said where Python is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts.trim_lock import parse, trim

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
FRONT = "albums/web/front/package-lock.json"


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_versions_and_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|--index|--find-links|@ ", text)
    pins = parse(text)
    assert pins
    for pin in pins:
        assert re.match(r"[\w.-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", pin.lines), pin.name


def test_every_dependency_is_locked_or_pinned_by_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {pin.name for lock in LOCKS for pin in parse((ROOT / lock).read_text())}
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    missing = {_name(line) for line in wanted if _name(line) not in pins}
    assert missing == {"torch", "torchvision"}
    assert {line for line in wanted if _name(line) in missing and "==" not in line} == set()


COMPILED = """\
    # a comment
filelock==3.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via torch
gt-model==1.0 \\
    --hash=sha256:cc
    # via albums (pyproject.toml)
joblib==1.5 \\
    --hash=sha256:dd
    # via scikit-learn
nvidia-cublas==12 \\
    --hash=sha256:ee
    # via torch
scikit-learn==1.7 \\
    --hash=sha256:ff
    # via sentence-transformers
scipy==1.16 \\
    --hash=sha256:00
    # via imagehash, scikit-learn
sentence-transformers==5 \\
    --hash=sha256:11
    # via gt-model
torch==2.13.0 \\
    --hash=sha256:22
    # via albums (pyproject.toml), sentence-transformers
"""


def test_a_lock_leaves_out_machine_builds_and_what_only_unused_packages_need() -> None:
    pins = trim(parse(COMPILED))
    assert [pin.name for pin in pins] == ["filelock", "gt-model", "scipy"]
    assert pins[0].lines == "filelock==3.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What setting up reads, without an environment."""
    clone = tmp_path / "albums"
    clone.mkdir()
    shutil.copytree(ROOT / "scripts", clone / "scripts")
    for name in (*LOCKS, "pyproject.toml", FRONT):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    return clone


def _start(clone: Path, path: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "ALBUMS_LIBRARY": str(clone)}
    command = [shutil.which("bash") or "bash", str(clone / "scripts" / "albums"), "status"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def test_a_machine_without_python_3_11_is_told_so(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "readlink", "cat", "cksum", "env"):
        (tools / name).symlink_to(shutil.which(name) or "")
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")  # some other Python
    (tools / "python3").chmod(0o755)
    ended = _start(clone, str(tools))
    assert ended.returncode == 1
    assert "Python 3.11 with its venv module is needed" in ended.stderr
    assert not (clone / ".venv").exists()


def test_an_environment_that_is_ready_is_used_as_it_is(clone: Path) -> None:
    names = (*LOCKS, "pyproject.toml", "scripts/front", FRONT)
    content = subprocess.run(
        ["bash", "-c", 'cat "$@" | cksum', "-", *(str(clone / name) for name in names)],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "prepared-run").write_text(f"{content} {clone}\n")
    program = clone / ".venv" / "bin" / "albums"
    program.write_text('#!/bin/sh\necho "ran $1"\n')
    program.chmod(0o755)
    ended = _start(clone, os.environ["PATH"])
    assert (ended.stdout, ended.returncode) == ("ran status\n", 0), ended.stderr
