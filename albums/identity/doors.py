"""Where the box listens. A door is recognised by the address of its own socket, which nothing in
a request can change; an address that is not a door is answered with nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import socket
import stat
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from albums.errors import Conflict, LibraryUnusable, Refused
from albums.identity.access import Door

_BACKLOG = 128
_LONGEST = 100  # bytes of a unix socket's path; systems allow 104 to 108

Server = tuple[str, int | None] | None  # what ASGI says of the socket that took a connection


class Doors:
    """All doors that are open now."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int | None], Door] = {}

    def add(self, door: Door, listening: socket.socket) -> socket.socket:
        self._open[_name(listening)] = door
        return listening

    def remove(self, listening: socket.socket) -> None:
        self._open.pop(_name(listening), None)

    def find(self, server: Server) -> Door | None:
        return self._open.get((server[0], server[1])) if server else None

    def address(self, door: Door) -> tuple[str, int | None] | None:
        """Where one finds this door; None while it is shut."""
        return next((address for address, kind in self._open.items() if kind is door), None)


def _name(listening: socket.socket) -> tuple[str, int | None]:
    found = listening.getsockname()
    return (found, None) if isinstance(found, str) else (found[0], found[1])


class OwnersSocket(socket.socket):
    """A unix socket that hangs up on processes of other users, but for root."""

    def accept(self) -> tuple[socket.socket, object]:
        connection, address = super().accept()
        if peer_uid(connection) not in (0, os.getuid(), None):
            connection.close()
            # What asyncio expects of a connection that went away in the queue.
            raise ConnectionAbortedError("another user")
        return connection, address


def peer_uid(connection: socket.socket) -> int | None:
    """The user at the other end of a unix socket, by the kernel's word; None: cannot be known."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", found)[1])


def shell_socket(library: Path) -> Path:
    """Where the box of this library listens for the `albums` command.

    Raises LibraryUnusable when another user made the folder that the socket belongs in.
    """
    return _short(library / "albums.sock")


def serve_socket(library: Path, setting: str = "") -> Path:
    """Where `tailscale serve` finds the box of this library."""
    return Path(setting).expanduser() if setting else _short(library / "serve" / "albums.sock")


def _short(path: Path) -> Path:
    """The path itself, or one in a private temporary folder that a socket's name fits in."""
    if len(os.fsencode(path)) <= _LONGEST:
        return path
    real = os.fsencode(os.path.realpath(path))
    folder = Path(tempfile.gettempdir()) / f"albums-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise LibraryUnusable(
            f"{folder} is open to other users",
            hint="Remove it, or move the library to a shorter path",
        )
    return folder / f"{hashlib.sha256(real).hexdigest()[:24]}.sock"


def listen_unix(path: Path) -> socket.socket:
    """A unix socket for this user and root only, in a folder that is made where it is missing.

    Raises LibraryUnusable when other users could put a socket of theirs in its place.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.parent.stat()
    if found.st_uid not in (0, os.getuid()) or found.st_mode & stat.S_IWOTH:
        raise LibraryUnusable(
            f"{path.parent} is open to other users",
            why="They could put a socket of their own where the box listens",
            hint=f"chmod 750 {path.parent}, or move the library to a folder of your own",
        )
    # What is there was left by a process that was killed: we hold the library's lock.
    path.unlink(missing_ok=True)
    door = OwnersSocket(socket.AF_UNIX)
    with _only_for_the_owner():
        door.bind(str(path))
    door.listen(_BACKLOG)
    return door


@contextlib.contextmanager
def _only_for_the_owner() -> Iterator[None]:
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


def listen_loopback(host: str, port: int) -> socket.socket:
    """A listening socket on loopback; port 0 picks a free one.

    Raises Conflict when the port is taken, Refused for an address that others can reach.
    """
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    if not ipaddress.ip_address(address).is_loopback:
        raise Refused(
            f"Albums does not listen on {host}",
            why="Other machines could reach it there, and nobody would vouch for them",
            hint="Devices reach the box over Tailscale; for a first look here use 127.0.0.1",
        )
    return listen_tcp(str(address), port)


def listen_tcp(address: str, port: int) -> socket.socket:
    """A listening socket on one numeric address. Raises Conflict when it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        door = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _cannot_listen(address, port, error) from error
    # asyncio does this only for sockets that name their protocol. Without it every answer
    # waits 40 ms for the client's delayed acknowledgement.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _cannot_listen(host: str, port: int, error: OSError) -> Conflict:
    return Conflict(
        f"Albums cannot listen on {host}, port {port}",
        why=error.strerror or str(error),
        hint="Choose another with --port, or 0 for any free one",
    )
