"""One process holds the library; the others find it, and one takes over when it ends."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from albums.cli.serving import is_held
from albums.errors import Refused
from albums.identity.doors import listen_loopback, shell_socket
from tests.cli.conftest import Ask, Run, Start
from tests.entering import enter, printed_link

MANY = 1200  # several batches


def until(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def query(process: subprocess.Popen[str], text: str) -> dict[str, object]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{text}\n")
    process.stdin.flush()
    answer: dict[str, object] = json.loads(process.stdout.readline())
    return answer


def test_a_second_command_speaks_to_the_first_and_takes_over_from_it(
    start: Start, run: Run, ask: Ask, place: Path, photos: Path
) -> None:
    first = start("search", "-")
    assert query(first, "year:2024")["total"] == 0
    assert stat.S_IMODE(shell_socket(place).stat().st_mode) == 0o600
    second = start("search", "-")
    assert query(second, "year:2024")["total"] == 0
    assert ask("import", str(photos))["ingested"] == 4  # a third, through the first
    assert first.poll() is None
    assert query(second, "type:photo")["total"] == 3
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert query(second, "type:photo")["total"] == 3  # nobody answers: it takes over
    assert is_held(place)
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert not is_held(place)
    assert not shell_socket(place).exists()


def test_work_waits_for_what_another_box_left_resting(
    start: Start, ask: Ask, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"  # no photos: no model has to be loaded
    papers.mkdir()
    (papers / "notes.xyz").write_bytes(b"no picture")
    first = start("search", "-")
    query(first, "year:2024")
    ask("import", str(papers))
    assert ask("status")["paused"]
    work = ask("work", "--wait")
    assert all(not row["states"].keys() & {"open", "waiting"} for row in work)
    first.communicate(timeout=60)


def test_serve_listens_until_it_is_told_to_stop(start: Start, run: Run, place: Path) -> None:
    serving = start("serve", "--local", "--port", "0")
    assert serving.stdout
    with enter(printed_link(serving.stdout)) as browser:
        assert browser.base_url.host == "127.0.0.1"
        assert browser.get("/api/v1/status").json()["assets"]["total"] == 0
        port = browser.base_url.port
    ended, _, err = run("serve", "--local", "--port", str(port))
    assert ended == 6
    assert "in use" in err
    assert "--port" in err
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=30)
    assert serving.returncode == 0
    assert not shell_socket(place).exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_cut_off_loses_nothing_and_doubles_nothing(
    start: Start, ask: Ask, place: Path, tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number}.bin").write_bytes(b"file %d" % number)
    importing = start("import", str(folder))
    originals = place / "originals"
    until(lambda: sum(1 for _ in originals.glob("??/*.sidecar.json")) > 20)
    importing.send_signal(how)
    _, err = importing.communicate(timeout=30)
    assert "Traceback" not in err
    if how == signal.SIGINT:
        assert importing.returncode == 130
        assert "run the command again" in err
    acknowledged = _count(place, "assets")
    assert 0 < acknowledged < MANY
    report = ask("import", str(folder))
    assert report["known"] >= acknowledged
    assert report["known"] + report["ingested"] == MANY
    assert _count(place, "assets") == _count(place, "arrivals") == MANY
    kept = [path for path in originals.glob("??/*") if not path.name.endswith(".json")]
    assert len(kept) == MANY
    assert not list((place / "incoming").iterdir())
    assert ask("audit", "--check")["whole"]


def _count(place: Path, table: str) -> int:
    with closing(sqlite3.connect(place / "albums.db")) as db:
        count: int = db.execute(f"select count(*) from {table}").fetchone()[0]
        return count


def test_a_socket_left_by_a_killed_box_is_no_obstacle(run: Run, place: Path) -> None:
    place.mkdir()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(shell_socket(place)))
    assert run("status")[0] == 0


def test_a_long_path_has_its_socket_in_a_private_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    path = shell_socket(deep)
    assert len(str(path)) < 100
    assert path != shell_socket(tmp_path / ("other" * 30))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_box_does_not_listen_where_others_could_reach_it(host: str) -> None:
    with pytest.raises(Refused, match="Other machines could reach it"):
        listen_loopback(host, 0)
