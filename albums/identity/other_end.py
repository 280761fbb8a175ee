"""Whose process is at the other end of a loopback connection, by the kernel's word."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct

Address = tuple[str, int]

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h; sock_diag(7)
_SOCK_DIAG = 4  # the netlink protocol
_BY_FAMILY = 20  # question and answer
_REQUEST = 1
_ALL_STATES = 0xFFFFFFFF
_ANY_COOKIE = (0xFFFFFFFF, 0xFFFFFFFF)
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_QUESTION = struct.Struct("=BBBxI")  # family, protocol, extensions, states
_ENDS = struct.Struct("!HH16s16s")  # ports and addresses: local, remote
_WHERE = struct.Struct("=3I")  # interface, cookie
_ENDS_AT = _HEADER.size + 4  # family, state, timer, retransmissions
_OWNER = struct.Struct("=II")  # user, inode
_OWNER_AT = _ENDS_AT + _ENDS.size + _WHERE.size + 12  # expires, receive queue, write queue
_PATIENCE = 0.5  # seconds; the kernel answers in microseconds


def same_user(client: Address, server: Address) -> bool | None:
    """Does the process at the client's end belong to the user of this one?

    `client` and `server` are the two ends as the server sees them. None where it cannot be known:
    not on Linux, or no such connection on this machine.
    """
    if not hasattr(socket, "AF_NETLINK"):
        return None
    try:
        answer = _ask(_question(client, server))
    except (OSError, ValueError):  # ValueError: an end that has no address
        return None
    if _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None
    # Where nobody is connected the kernel tells of who listens there instead.
    if _ENDS.unpack_from(answer, _ENDS_AT)[:2] != (client[1], server[1]):
        return None
    user, inode = _OWNER.unpack_from(answer, _OWNER_AT)
    # Inode 0: its process has left it, and it counts as root's.
    return bool(user == os.getuid() and inode)


def _question(client: Address, server: Address) -> bytes:
    ends = _plain(client[0]), _plain(server[0])
    family = socket.AF_INET if ends[0].version == 4 else socket.AF_INET6
    question = (
        _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _ALL_STATES)
        + _ENDS.pack(client[1], server[1], *(end.packed for end in ends))
        + _WHERE.pack(0, *_ANY_COOKIE)
    )
    return _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST, 0, 0) + question


def _ask(question: bytes) -> bytes:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.settimeout(_PATIENCE)
        kernel.sendto(question, (0, 0))
        return kernel.recv(4096)


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Without zone, and IPv4 as such: that is how the kernel files it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return getattr(ip, "ipv4_mapped", None) or ip
