from __future__ import annotations

import errno
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from albums.errors import AlbumsError, Undecodable
from albums.media import exif, picture, seccomp
from albums.media.formats import Format, identify_file
from albums.media.sandbox import Sandbox
from tests.media import hostile
from tests.media.pictures import corners, saved

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2, memory_mb=1024, seconds=1.5) as sandbox:
        yield sandbox


def reason(caught: pytest.ExceptionInfo[Undecodable]) -> object:
    return caught.value.facts["reason"]


def test_pictures_and_tags_come_out_as_they_would_without_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = saved(tmp_path / "x.jpg", corners(), "JPEG")
    assert sandbox.call(picture.render, path) == picture.render(path)
    assert sandbox.call(exif.read, path, "x.jpg") == exif.read(path, "x.jpg")
    assert sandbox.call(identify_file, path) == Format("image/jpeg", "photo", ".jpg", True)


def test_plain_values_survive_the_pipe(sandbox: Sandbox) -> None:
    value = {"a": [1, -(2**70), 0.5, None, True, "ü\udcff", b"\0\xff"], 300: {}, "p": Path("/x")}
    assert sandbox.call(hostile.echo, value) == value
    assert sandbox.call(hostile.shape, "x") == hostile.Shape("x", {300: b"\x00\xff"})


def test_what_the_decoder_says_of_a_file_is_passed_on(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"7z\xbc\xaf\x27\x1c")
    with pytest.raises(Undecodable) as caught:
        sandbox.call(picture.render, path)
    assert reason(caught) == "no-decoder"
    assert "application/x-7z-compressed" in caught.value.why


def test_a_file_that_is_gone_is_an_error_not_a_crash(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="No such file") as caught:
        sandbox.call(picture.render, tmp_path / "gone")
    assert reason(caught) == "error"


def test_a_crash_costs_one_call(sandbox: Sandbox) -> None:
    with pytest.raises(Undecodable, match="SIGSEGV") as caught:
        sandbox.call(hostile.crash)
    assert reason(caught) == "crash"
    with pytest.raises(Undecodable, match="status 3"):
        sandbox.call(hostile.leave, 3)
    assert sandbox.call(hostile.echo, 1) == 1


def test_what_takes_too_long_is_ended(sandbox: Sandbox) -> None:
    started = time.monotonic()
    with pytest.raises(Undecodable, match="longer than") as caught:
        sandbox.call(hostile.spin)
    assert reason(caught) == "timeout"
    assert time.monotonic() - started < 5
    assert sandbox.call(hostile.echo, 1) == 1


@linux
def test_what_takes_too_much_memory_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(Undecodable, match="more memory") as caught:
        sandbox.call(hostile.hoard)
    assert reason(caught) == "memory"
    assert sandbox.call(hostile.echo, 1) == 1


def test_an_answer_that_is_too_large_is_not_taken_in(sandbox: Sandbox) -> None:
    with pytest.raises(Undecodable) as caught:
        sandbox.call(hostile.flood, 130 * 2**20)
    assert reason(caught) == "too-large"


def test_an_answer_of_the_wrong_form_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Undecodable, match="nonsense"):
        sandbox.call(hostile.lie)
    with pytest.raises(Undecodable):
        sandbox.call(hostile.object_without_form)
    with pytest.raises(Undecodable):
        sandbox.call(hostile.recurse, 0)
    assert sandbox.call(hostile.chatter) == "done"


@linux
def test_a_decoder_cannot_write_files(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(Undecodable):
        sandbox.call(hostile.write, tmp_path / "x")
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size == 0


@linux
def test_a_decoder_that_was_taken_over_cannot_reach_the_network(sandbox: Sandbox) -> None:
    if platform.machine() not in seccomp.MACHINES:
        pytest.skip(f"there is no filter of system calls for {platform.machine()} yet")
    assert sandbox.call(seccomp.sockets_are_refused)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Undecodable, match="PermissionError"):
            sandbox.call(hostile.connect, port)
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_PACKET):
            assert sandbox.call(hostile.connect_by_hand, int(family), port) == errno.EPERM
        assert sandbox.call(hostile.make_ring) == errno.EPERM
        assert sandbox.call(hostile.connect_through_another_program, port) == 1
        # The same double outside, or this test could not fail.
        assert hostile.connect_by_hand(int(socket.AF_INET), port) == 0
        assert hostile.connect_through_another_program(port) == 0
    assert not seccomp.sockets_are_refused()


def test_workers_are_reused_nice_and_single_threaded(sandbox: Sandbox) -> None:
    first, second = (sandbox.call(hostile.circumstances) for _ in range(2))
    assert first["pid"] == second["pid"] != os.getpid()
    assert first["nice"] == min(os.nice(0) + 10, 19)
    assert first["threads"] == "1"


def test_one_bad_file_does_not_hold_up_the_others() -> None:
    with Sandbox(workers=2, seconds=3) as sandbox, ThreadPoolExecutor(3) as threads:
        sandbox.call(hostile.echo, 0)
        stuck = threads.submit(sandbox.call, hostile.spin)
        started = time.monotonic()
        assert list(threads.map(lambda n: sandbox.call(hostile.echo, n), range(20)))[-1] == 19
        assert time.monotonic() - started < 2.5
        assert isinstance(stuck.exception(), Undecodable)


def test_many_threads_share_few_workers() -> None:
    with Sandbox(workers=2) as sandbox, ThreadPoolExecutor(8) as threads:
        seen = {
            c["pid"] for c in threads.map(lambda _: sandbox.call(hostile.circumstances), range(40))
        }
    assert 1 <= len(seen) <= 2


def test_a_worker_killed_from_outside_is_replaced() -> None:
    with Sandbox(workers=1) as sandbox:
        first = sandbox.call(hostile.circumstances)["pid"]
        assert isinstance(first, int)
        os.kill(first, signal.SIGKILL)
        time.sleep(0.1)
        assert sandbox.call(hostile.circumstances)["pid"] != first


def test_closing_ends_a_call_without_blaming_its_file() -> None:
    sandbox = Sandbox(workers=1)
    sandbox.call(hostile.echo, 0)
    threading.Timer(0.2, sandbox.close).start()
    with pytest.raises(AlbumsError) as caught:
        sandbox.call(hostile.sleep, 20)
    assert not isinstance(caught.value, Undecodable)
    with pytest.raises(AlbumsError, match="shut down"):
        sandbox.call(hostile.echo, 1)


def test_workers_die_with_their_parent() -> None:
    program = (
        "import os; from albums.media.sandbox import Sandbox; from tests.media import hostile;"
        "print(Sandbox().call(hostile.circumstances)['pid'], flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(100):
        if not running(pid):
            return
        time.sleep(0.05)
    pytest.fail(f"worker {pid} outlived its parent")


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # where nobody reaps orphans they stay as zombies
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
