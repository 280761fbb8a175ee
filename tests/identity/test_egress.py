"""The guard. It cannot be taken out of a process, so each test arms one of its own."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.identity import egress

_ARMED = """
import asyncio, json, logging, os, socket, sys, threading
from pathlib import Path
from albums.identity.egress import CloudCallStopped, guard
log = Path(sys.argv[1])
logging.basicConfig(level="INFO")
box = guard(log)
out = {}
"""
Child = Callable[..., Any]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "library" / "egress.jsonl"


@pytest.fixture
def child(log: Path) -> Child:
    """`child(source)` -> `out` of a guarded process, and what it logged under "stderr"."""

    def child(source: str, before: str = "", **environment: str) -> Any:
        code = before + _ARMED + textwrap.dedent(source) + "\nprint(json.dumps(out))"
        ended = subprocess.run(
            [sys.executable, "-c", code, str(log)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | environment,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) | {"stderr": ended.stderr}

    return child


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


WAYS_OUT = {
    "connect": "socket.socket().connect(('8.8.8.8', 443))",
    "connect_ex": "socket.socket().connect_ex(('8.8.8.8', 443))",
    "IPv6": "socket.socket(socket.AF_INET6).connect(('2001:4860:4860::8888', 443))",
    "mapped": "socket.socket(socket.AF_INET6).connect(('::ffff:8.8.8.8', 443))",
    "link-local": "socket.socket(socket.AF_INET6).connect(('fe80::1', 443, 0, 1))",
    "the LAN": "socket.socket().connect(('192.168.1.1', 80))",
    "beside the tailnet": "socket.socket().connect(('100.128.0.1', 80))",
    "beside the tailnet, IPv6": "socket.socket(socket.AF_INET6).connect(('fd7a:115c:a1e1::1', 80))",
    "fast open": "socket.socket().sendto(b'x', 0x20000000, ('8.8.8.8', 443))",
    "sendto": "udp().sendto(b'x', ('8.8.8.8', 8125))",
    "sendmsg": "udp().sendmsg([b'x'], [], 0, ('8.8.8.8', 8125))",
    "broadcast": "udp().sendto(b'x', ('<broadcast>', 9))",
    "multicast": "udp().sendto(b'x', ('239.255.255.250', 1900))",
    "the C class": "__import__('_socket').socket().connect(('8.8.8.8', 443))",
    "a resolver": "udp().sendto(b'x', ('127.0.0.53', 53))",
    "Tailscale's resolver": "udp().connect(('100.100.100.100', 53))",
    "getaddrinfo": "socket.getaddrinfo('example.com', 443)",
    "getaddrinfo bytes": "socket.getaddrinfo(b'example.com', 443)",
    "getaddrinfo of a literal": "socket.getaddrinfo('8.8.8.8', 443)",
    "like localhost": "socket.getaddrinfo('localhost.example.com', 443)",
    "gethostbyname": "socket.gethostbyname('example.com')",
    "gethostbyname_ex": "socket.gethostbyname_ex('example.com')",
    "gethostbyaddr": "socket.gethostbyaddr('8.8.8.8')",
    "whose is a tailnet address": "socket.gethostbyaddr('100.64.0.1')",
    "getnameinfo": "socket.getnameinfo(('8.8.8.8', 80), 0)",
    "a name in connect": "socket.socket().connect(('example.com', 443))",
    "a name in connect_ex": "socket.socket().connect_ex(('example.com', 443))",
    "a name in sendto": "udp().sendto(b'x', ('example.com', 8125))",
    "a name in sendto with flags": "udp().sendto(b'x', 0, ('example.com', 8125))",
    "a name in sendmsg": "udp().sendmsg([b'x'], [], 0, ('example.com', 8125))",
    "a name in bind": "udp().bind(('example.com', 0))",
    "raw packets": "socket.socket(17, socket.SOCK_RAW, 768)",
    "the hypervisor": "socket.socket(40, socket.SOCK_STREAM)",
    "urllib": "__import__('urllib.request').request.urlopen('https://example.com')",
    "asyncio": "asyncio.run(asyncio.open_connection('8.8.8.8', 443))",
    "asyncio with a name": "asyncio.run(asyncio.open_connection('example.com', 443))",
    "asyncio datagrams": "asyncio.run(datagram())",
    "a thread": "in_thread(lambda: socket.create_connection(('8.8.8.8', 443)))",
}

_TRY = """
def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

async def datagram():
    await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("8.8.8.8", 9))

def in_thread(work):
    def run():
        try:
            work()
        except OSError as error:
            caught.append(error)
    caught = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]

def attempt(source):
    before = box.stopped
    try:
        eval(source)
    except OSError as error:
        # urllib wraps it, as many libraries do.
        error = getattr(error, "reason", error)
        kind = type(error).__name__
    else:
        kind = "nothing"
    return [kind, box.stopped - before]
"""


def test_every_way_out_is_stopped_and_counted(child: Child, log: Path) -> None:
    found = child(_TRY + f"for name, way in {WAYS_OUT!r}.items(): out[name] = attempt(way)")
    del found["stderr"]
    assert found == {name: ["CloudCallStopped", 1] for name in WAYS_OUT}
    assert [line["stopped"] for line in lines(log)[1:]] == list(range(1, len(WAYS_OUT) + 1))


def test_the_same_ways_are_open_to_this_machine_and_to_the_tailnet(child: Child) -> None:
    """Datagram sockets connect without sending anything; one without a route is no stop."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ways = {
            "connect": f"socket.socket().connect(('127.0.0.1', {port}))",
            "by name": f"socket.create_connection(('localhost', {port}))",
            "any": f"socket.socket().connect(('0.0.0.0', {port}))",
            "empty": f"socket.socket().connect(('', {port}))",
            "mapped": f"socket.socket(socket.AF_INET6).connect(('::ffff:127.0.0.1', {port}))",
            "asyncio": f"asyncio.run(asyncio.open_connection('localhost', {port}))",
            "IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('::1', 9))",
            "tailnet": "udp().connect(('100.64.0.1', 9))",
            "the last of the tailnet": "udp().connect(('100.127.255.255', 9))",
            "tailnet, IPv6": "socket.socket(socket.AF_INET6, 2).connect(('fd7a:115c:a1e0::1', 9))",
            "sendto": "udp().sendto(b'x', ('127.0.0.1', 9))",
            "unix": "(lambda pair: pair[0].send(b'x'))(socket.socketpair())",
            "connected": "(lambda pair: pair[0].sendmsg((b'x', b'y')))(socket.socketpair())",
            "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).connect((0, 0))",
            "passive": "socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)",
            "literal": "socket.getaddrinfo('100.64.0.1', 80)",
            "reverse": "socket.getnameinfo(('127.0.0.1', 80), 0)",
            "bind": "udp().bind(('0.0.0.0', 0))",
            "server": "socket.create_server(('127.0.0.1', 0))",
        }
        found = child(_TRY + f"for name, way in {ways!r}.items(): out[name] = attempt(way)")
    del found["stderr"]
    assert {name for name, (_, stopped) in found.items() if stopped} == set()
    assert {name for name, (kind, _) in found.items() if kind != "nothing"} <= {
        "tailnet, IPv6",
        "the last of the tailnet",
        "tailnet",
        "IPv6",
        "mapped",
    }


@given(st.ip_addresses())
def test_an_address_is_here_or_away_in_each_of_its_forms(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    four, six = (ipaddress.ip_network(n) for n in ("100.64.0.0/10", "fd7a:115c:a1e0::/48"))
    here = int(address) == 0 or any(
        address in network
        for network in (four, six, *map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128")))
    )
    forms = [str(address), address.exploded]
    if address.version == 4:
        forms += [f"::ffff:{address}", f"::FFFF:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"]
        mapped_here = here
    else:
        assert isinstance(address, ipaddress.IPv6Address)
        mapped = address.ipv4_mapped
        mapped_here = egress._where(str(mapped)) == "here" if mapped else here
    assert {egress._where(form) for form in forms} == {"here" if mapped_here else "away"}


@given(st.text())
def test_what_is_no_address_is_a_name_that_is_never_looked_up(text: str) -> None:
    if text in ("", "localhost"):
        return
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert egress._where(text) == "a name"


def test_the_error_is_a_sentence_and_an_os_error(child: Child) -> None:
    out = child("""
        try:
            socket.create_connection(("8.8.8.8", 443))
        except PermissionError as error:
            out["says"] = [type(error).__name__, error.strerror, error.errno]
        import httpx
        try:
            httpx.get("http://8.8.8.8/")
        except httpx.ConnectError as error:
            out["httpx"] = str(error)
    """)
    assert out["says"][0] == "CloudCallStopped"
    assert out["says"][1] == (
        "Albums stopped a call to the name server, about 8.8.8.8: nothing leaves this box"
    )
    assert "nothing leaves this box" in out["httpx"]


def test_the_log_and_the_file_name_the_code_that_asked(child: Child, log: Path) -> None:
    out = child("""
        def reports_home():
            try:
                socket.socket().connect(("8.8.8.8", 443))
            except OSError:
                pass
        reports_home()
        reports_home()
    """)
    first, second = lines(log)[1:]
    assert first["to"] == "8.8.8.8 port 443"
    assert any("reports_home" in frame for frame in first["stack"])
    assert not any("egress" in frame for frame in first["stack"])
    assert "reports_home" in out["stderr"]
    assert "stack" not in second  # the same line of code did it


def test_a_call_that_is_tried_for_ever_does_not_fill_the_disk(child: Child, log: Path) -> None:
    out = child("""
        for _ in range(1000):
            try:
                socket.socket().connect(("8.8.8.8", 443))
            except OSError:
                pass
        out["stopped"] = box.stopped
    """)
    assert out["stopped"] == 1000
    assert len(lines(log)) < 110
    assert [line["stopped"] for line in lines(log) if "stack" in line] == [1]


def test_count_and_beginning_survive_a_restart(child: Child, log: Path) -> None:
    source = """
        for _ in range(3):
            try:
                socket.socket().connect(("8.8.8.8", 443))
            except OSError:
                pass
        out |= box.as_dict()
    """
    first, second = child(source), child(source)
    assert (first["stopped"], second["stopped"]) == (3, 6)
    assert first["since"] == second["since"]
    assert lines(log)[0].keys() == {"since"}


@pytest.mark.parametrize(
    ("content", "stopped"),
    [
        (b"", 0),
        (b"\xff\xfe\x00", 0),
        (b"[" * 100_000, 0),
        (b"nonsense\n", 0),
        (b'{"since": "2024-01-01T00:00:00+00:00"}\n{"at": "2024-01-0', 1),
        (b'{"since": "yesterday"}\n{"stopped": 4, "at": "2024-01-01T00:00:00+00:00"}\n', 4),
        (b'{"since": "2024-01-01T00:00:00+00:00"}\n{"stopped": 4}\n\0\0\0\0\n', 5),
        (b'{"since": "2024-01-01T00:00:00+00:00"}\n{"stopped": "x"}\n[]\n{"stopped": 7}', 7),
    ],
)
def test_a_damaged_file_does_not_stop_the_start(
    child: Child, log: Path, content: bytes, stopped: int
) -> None:
    log.parent.mkdir()
    log.write_bytes(content)
    source = "out |= box.as_dict()"
    first = child(source)
    assert first["stopped"] == stopped
    assert child(source)["since"] == first["since"]
    child("try: socket.gethostbyname('x.example')\nexcept OSError: pass")
    assert child(source)["stopped"] == stopped + 1
    if b"2024" in content:
        assert first["since"].startswith("2024-01-01")


@pytest.mark.parametrize("room", [0, 20, 150])
def test_a_full_disk_does_not_break_the_guard(log: Path, child: Child, room: int) -> None:
    """A limit on the size of files refuses a write, or cuts it short, as a full disk does."""
    full = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
    out = child(_TRY + f"out['way'] = attempt({WAYS_OUT['connect']!r})", before=full)
    assert out["way"] == ["CloudCallStopped", 1]
    assert "cannot be written" in out["stderr"] or log.stat().st_size == room
    child(_TRY + f"attempt({WAYS_OUT['connect']!r})")
    assert "stack" in json.loads(log.read_text().splitlines()[-1])


def test_a_folder_that_cannot_be_made_does_not_break_the_guard(child: Child, log: Path) -> None:
    log.parent.write_text("no folder")
    out = child(_TRY + f"out['way'] = attempt({WAYS_OUT['connect']!r})")
    assert out["way"] == ["CloudCallStopped", 1]


def test_a_log_that_goes_over_the_network_is_stopped_but_not_for_ever(child: Child) -> None:
    out = child(
        _TRY
        + """
from logging.handlers import SysLogHandler
logging.raiseExceptions = False
logging.getLogger().addHandler(SysLogHandler(address=("127.0.0.1", 9)))
logging.getLogger().handlers[-1].address = ("8.8.8.8", 514)
out["way"] = attempt("socket.socket().connect(('8.8.8.8', 443))")
"""
    )
    kind, stopped = out["way"]
    assert kind == "CloudCallStopped"
    assert stopped >= 2


def test_many_threads_are_counted_exactly(child: Child, log: Path) -> None:
    out = child("""
        def run():
            for _ in range(50):
                try:
                    socket.socket().connect(("8.8.8.8", 443))
                except CloudCallStopped:
                    pass
        logging.disable()
        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        out["stopped"] = box.stopped
    """)
    assert out["stopped"] == 400
    assert all(line.keys() & {"since", "stopped"} for line in lines(log))


def test_arming_twice_keeps_one_count(child: Child, tmp_path: Path) -> None:
    out = child(f"""
        out["same"] = guard(log) is box
        other = guard(Path({str(tmp_path)!r}, "other.jsonl"))
        try:
            socket.socket().connect(("8.8.8.8", 443))
        except CloudCallStopped:
            pass
        out["counts"] = [box.stopped, other.stopped]
    """)
    assert out["same"]
    assert out["counts"] == [0, 1]


def test_the_hubs_libraries_are_offline_even_when_they_were_here_first(child: Child) -> None:
    out = child(
        """
        from huggingface_hub import constants, is_offline_mode
        out["offline"] = [is_offline_mode(), constants.HF_HUB_DISABLE_TELEMETRY]
        out["environment"] = [os.environ["TRANSFORMERS_OFFLINE"], os.environ.get("https_proxy")]
        """,
        before="import huggingface_hub.constants as early\nassert not early.HF_HUB_OFFLINE\n",
        HF_HUB_OFFLINE="0",
        TRANSFORMERS_OFFLINE="0",
        https_proxy="http://127.0.0.1:3128",
    )
    assert out["offline"] == [True, True]
    assert out["environment"] == ["1", None]


def test_the_interpreter_ends_quietly(child: Child) -> None:
    """Its last objects may still open files and sockets when modules are empty already."""
    out = child("""
        class Late:
            def __del__(self, open=open, connect=socket.socket):
                open("/dev/null").close()
        sys.late = Late()
    """)
    assert out["stderr"] == ""
