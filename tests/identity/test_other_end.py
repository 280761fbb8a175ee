"""The kernel says whose process is at the other end of a loopback connection."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from albums.identity.other_end import same_user

NOBODY = 65534
Ends = tuple[tuple[str, int], tuple[str, int]]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a socket is")


@contextmanager
def door(family: socket.AddressFamily, address: str) -> Iterator[socket.socket]:
    try:
        dual = address == "::"  # takes IPv4 too, and sees it inside of IPv6
        listening = socket.create_server((address, 0), family=family, dualstack_ipv6=dual)
    except OSError as error:
        pytest.skip(f"this machine has no {address}: {error}")
    with closing(listening):
        yield listening


def accepted(listening: socket.socket) -> tuple[socket.socket, Ends]:
    connection, client = listening.accept()
    return connection, (client[:2], connection.getsockname()[:2])


@on_linux
@pytest.mark.parametrize(
    ("family", "server", "client"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "127.0.0.2", "127.0.0.2"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET, "127.0.0.1", "::ffff:127.0.0.1"),
        (socket.AF_INET6, "::", "127.0.0.1"),
    ],
)
def test_our_own_process_is_the_same_user(
    family: socket.AddressFamily, server: str, client: str
) -> None:
    with (
        door(family, server) as listening,
        socket.create_connection((client, listening.getsockname()[1])),
    ):
        connection, ends = accepted(listening)
        with connection:
            assert same_user(*ends) is True


@pytest.mark.parametrize("box_is_root", [True, False])
@on_linux
@pytest.mark.skipif(os.getuid() != 0, reason="only root can make another user's socket")
def test_another_user_of_this_machine_is_known_as_such(
    monkeypatch: pytest.MonkeyPatch, box_is_root: bool
) -> None:
    if not box_is_root:
        monkeypatch.setattr(os, "getuid", lambda: 1000)
    with door(socket.AF_INET, "127.0.0.1") as listening:
        os.seteuid(NOBODY)
        try:
            theirs = socket.socket()
        finally:
            os.seteuid(0)
        with theirs:
            theirs.connect(listening.getsockname())
            connection, ends = accepted(listening)
            with connection:
                assert same_user(*ends) is False


@on_linux
def test_who_hung_up_is_nobody() -> None:
    """What a process left behind counts as root's, and the box may run as root."""
    with door(socket.AF_INET, "127.0.0.1") as listening:
        with socket.create_connection(listening.getsockname()) as client:
            connection, ends = accepted(listening)
            client.sendall(b"GET / HTTP/1.1")
        with connection:
            assert not same_user(*ends)


@on_linux
def test_who_listens_is_not_taken_for_who_calls() -> None:
    with door(socket.AF_INET, "127.0.0.1") as listening:
        assert same_user(listening.getsockname(), ("127.0.0.1", 1)) is None


@pytest.mark.parametrize("client", [("100.64.0.2", 5555), ("fd7a:115c:a1e0::2%eth0", 5555)])
def test_who_is_not_on_this_machine_cannot_be_known(client: tuple[str, int]) -> None:
    assert same_user(client, ("100.64.0.1", 8300)) is None


def test_a_system_that_does_not_tell_cannot_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_NETLINK", raising=False)
    assert same_user(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
