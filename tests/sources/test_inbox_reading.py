"""Who writes a file is asked of the system; what a plain user may not read stays and is said."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from albums.sources.inbox.reading import type_of, writer_of

_NOBODY = 65534


def test_a_writer_is_noticed_and_a_reader_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content")
    assert writer_of(str(path)) is False
    with path.open("rb"):
        assert writer_of(str(path)) is False
    with path.open("r+b"):
        assert writer_of(str(path)) is True
    assert writer_of(str(path)) is False


def test_a_writer_that_only_maps_the_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content")
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    assert writer_of(str(path)) is True
    mapped.close()
    assert writer_of(str(path)) is False


def test_a_writer_that_comes_while_it_is_asked_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"content")
    code = "import sys\nwhile True: open(sys.argv[1], 'ab').close()"
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        answers = {writer_of(str(path)) for _ in range(20_000)}
    finally:
        writer.kill()
        writer.wait()
    assert answers <= {True, False}


def test_the_type_of_a_file_system_is_found_by_its_number() -> None:
    mounts = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "40 22 0:52 / /mnt/nas rw,relatime shared:9 master:1 - nfs4 nas:/photos rw,vers=4.2\n"
    )
    assert type_of(os.makedev(8, 1), mounts) == "ext4"
    assert type_of(os.makedev(0, 52), mounts) == "nfs4"
    assert type_of(os.makedev(0, 99), mounts) == ""


_BOX = """
import json, os, sys, time
from datetime import UTC
from pathlib import Path
from albums.ingest.receive import Receiver
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.sources.inbox import Inbox
from albums.vault import open_vault
from tests.sources.conftest import QUICK
import watchdog.observers  # now: this user may not read where programs lie
user = int(sys.argv[3])
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
home, folder = Path(sys.argv[1]), Path(sys.argv[2])
library = Library(home / "albums.db")
audit = Audit(library, home / "audit.jsonl")
receiver = Receiver(library, open_vault(home), Ledger([Plan("facts", "1")]), audit, UTC)
inbox = Inbox(folder, receiver, QUICK)
inbox.start()
end = time.monotonic() + 20
while (inbox.report().left < 3 or inbox.report().taken < 2) and time.monotonic() < end:
    time.sleep(0.05)
inbox.stop()
report = inbox.report()
print(json.dumps([report.taken, dict(report.left_files)]))
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user can reach; what pytest makes is for its own user."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user as well")
def test_what_another_user_put_there_is_taken_as_far_as_it_may_be(open_to_all: Path) -> None:
    home, folder = open_to_all / "library", open_to_all / "inbox"
    for path in (home, folder):
        path.mkdir()
        os.chown(path, _NOBODY, _NOBODY)
    (folder / "others.jpg").write_bytes(b"of root, but readable")
    (folder / "own.jpg").write_bytes(b"own")
    os.chown(folder / "own.jpg", _NOBODY, _NOBODY)
    (folder / "secret.jpg").write_bytes(b"secret")
    (folder / "secret.jpg").chmod(0o600)
    (folder / "closed").mkdir(mode=0o700)
    (folder / "roots").mkdir(mode=0o755)
    (folder / "roots" / "kept.jpg").write_bytes(b"cannot be removed")
    box = subprocess.run(
        [sys.executable, "-c", _BOX, str(home), str(folder), str(_NOBODY)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    taken, left = json.loads(box.stdout)
    assert taken == 2, left
    assert left.keys() == {"secret.jpg", "closed", "roots/kept.jpg"}
    assert "cannot be read: Permission denied" in left["secret.jpg"]
    assert "cannot be listed: Permission denied" in left["closed"]
    assert "in the library, but cannot be removed" in left["roots/kept.jpg"]
    assert (folder / "secret.jpg.albums.txt").is_file()
    assert (folder / "roots" / "kept.jpg").is_file()
