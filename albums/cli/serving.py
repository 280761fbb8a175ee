"""Holds a library open in this process and answers for it on its unix socket."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import ipaddress
import os
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import Conflict, LibraryUnusable, Refused
from albums.settings import Settings

if TYPE_CHECKING:
    from albums.assembly import Albums

_LONGEST = 100  # bytes of a socket's path; systems allow 104 to 108
_GRACE = 5  # seconds that requests in hand may take when the box ends


def socket_path(library: Path) -> Path:
    """Where the box of this library listens. Only its owner may open it.

    Raises LibraryUnusable when another user made the folder that the socket belongs in.
    """
    path = library / "albums.sock"
    if len(os.fsencode(path)) <= _LONGEST:
        return path
    folder = Path(tempfile.gettempdir()) / f"albums-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise LibraryUnusable(
            f"{folder} is open to other users",
            hint="Remove it, or move the library to a shorter path",
        )
    real = os.fsencode(os.path.realpath(library))
    return folder / f"{hashlib.sha256(real).hexdigest()[:24]}.sock"


class Serving:
    """An open library, its web application, and the thread that serves it.

    `doors` are listening sockets besides the unix socket. With `working`, the pipeline runs.
    """

    def __init__(
        self, settings: Settings, *, working: bool, doors: Sequence[socket.socket] = ()
    ) -> None:
        from albums.assembly import open_albums

        self._path = socket_path(settings.library)
        self._albums: Albums = open_albums(settings)
        try:
            if not working:
                self._albums.runner.pause()
            self._albums.runner.start()
            self._serve([_listen(self._path), *doors])
        except BaseException:
            self._albums.close()
            raise

    def _serve(self, doors: list[socket.socket]) -> None:
        import uvicorn

        from albums.web.app import create_app

        config = uvicorn.Config(
            create_app(self._albums),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": doors}, name="web", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise LibraryUnusable("The server could not start", hint="The log above says why")
            time.sleep(0.005)

    def close(self) -> None:
        """Answer what was asked, finish the batch in hand, let go of the library."""
        self._path.unlink(missing_ok=True)  # who comes now waits for the lock, then takes over
        self._server.should_exit = True
        self._thread.join()
        self._albums.close()


def is_held(library: Path) -> bool:
    """Has a process opened this library?"""
    try:
        with (library / "albums.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _listen(path: Path) -> socket.socket:
    # A socket that is there was left by a process that was killed: we hold the library's lock.
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    with _only_for_the_owner():
        door.bind(str(path))
    door.listen(128)
    return door


@contextlib.contextmanager
def _only_for_the_owner() -> Iterator[None]:
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


def listen_tcp(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one.

    Raises Conflict when the port is taken, Refused for an address that others can reach: the box
    does not know yet who is who.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise Refused(
                f"Albums does not listen on {host}",
                why="Other machines could reach it there, and everybody would be let in",
                hint="Use 127.0.0.1",
            )
        door = socket.create_server((host, port), family=family)
        # asyncio does this only for sockets that name their protocol. Without it every answer
        # waits 40 ms for the client's delayed acknowledgement.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return door
    except OSError as error:
        raise Conflict(
            f"Albums cannot listen on {host}, port {port}",
            why=error.strerror or str(error),
            hint="Choose another with --port, or 0 for any free one",
        ) from error
