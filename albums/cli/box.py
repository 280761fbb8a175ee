"""The box is whoever holds a library. The shell always speaks HTTP to it, over its unix socket.

A command that finds nobody there opens the library and becomes the box itself until it ends; one
that comes meanwhile finds it. When the box ends while others still need it, one of them takes over.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.cli.serving import Serving, is_held
from albums.errors import AlbumsError, LibraryUnusable, kinds
from albums.identity.doors import shell_socket
from albums.settings import Settings

if TYPE_CHECKING:
    import httpx

_PATIENCE = 30.0  # seconds until somebody who starts or ends must have answered
_NOBODY = {errno.ENOENT, errno.ECONNREFUSED, errno.ENOTSOCK}


class BoxEnded(LibraryUnusable):
    """The process that held the library ended in the middle of a request."""


class Box:
    """A line to whoever holds the library. Answers are decoded JSON; errors are raised as such."""

    def __init__(self, settings: Settings, *, working: bool) -> None:
        self.settings = settings
        self._working = working
        self._own: Serving | None = None
        self._line: httpx.Client | None = None

    def get(self, path: str, **params: Any) -> Any:
        """Asked again when the box ends meanwhile: the next one has the same library."""
        given = {key: value for key, value in params.items() if value is not None}
        try:
            return self.ask("GET", path, params=given)
        except BoxEnded:
            return self.ask("GET", path, params=given)

    def ask(self, method: str, path: str, **content: Any) -> Any:
        """One request. Raises what the box says, or BoxEnded."""
        import httpx

        if self._line is None:
            self._line = self._dial_or_open()
        try:
            response = self._line.request(method, path, **content)
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            self.hang_up()
            raise _ended(self.settings.library) from error
        if response.is_success:
            return response.json()
        raise _error_of(response)

    def download(self, path: str) -> Iterator[bytes]:
        """The answer as it comes. Raises what the box says, or BoxEnded in the middle of it."""
        import httpx

        if self._line is None:
            self._line = self._dial_or_open()
        try:
            with self._line.stream("GET", path) as response:
                if not response.is_success:
                    response.read()
                    raise _error_of(response)
                yield from response.iter_raw()
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            self.hang_up()
            raise _ended(self.settings.library) from error

    def hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def close(self) -> None:
        self.hang_up()
        if self._own:
            self._own.close()

    def _dial_or_open(self) -> httpx.Client:
        library = self.settings.library
        deadline = time.monotonic() + _PATIENCE
        failed = False
        while True:
            if _somebody_answers(shell_socket(library)):
                return _line_to(shell_socket(library))
            if not is_held(library):
                try:
                    self._own = Serving(self.settings, working=self._working)
                    continue
                except LibraryUnusable:
                    # Perhaps somebody was quicker to take it: look once more.
                    if failed:
                        raise
                    failed = True
            if time.monotonic() > deadline:
                raise LibraryUnusable(
                    f"The library {library} is held by a process that does not answer",
                    hint="If it is starting or ending, try again in a moment",
                )
            time.sleep(0.05)


@contextmanager
def reach(settings: Settings, *, working: bool = False) -> Iterator[Box]:
    """The box of this library. With `working`, the pipeline runs if this process becomes it."""
    box = Box(settings, working=working)
    try:
        yield box
    finally:
        box.close()


def _ended(library: Path) -> BoxEnded:
    return BoxEnded(
        f"The box of {library} ended in the middle of this", hint="Run the command again"
    )


def _somebody_answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(str(path))
    except OSError as error:
        if error.errno in _NOBODY:
            return False
        raise LibraryUnusable(
            f"The box does not let us in at {path}",
            why=error.strerror or "",
            hint="Run the command as the user who runs the box",
        ) from error
    return True


def _line_to(path: Path) -> httpx.Client:
    import httpx

    return httpx.Client(
        transport=httpx.HTTPTransport(uds=str(path), verify=False),  # a socket has no TLS
        base_url="http://localhost",
        headers={"user-agent": "shell"},
        timeout=httpx.Timeout(None, connect=5),
    )


def _error_of(response: httpx.Response) -> AlbumsError:
    """The error that the box raised, with its exit code."""
    try:
        said = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return AlbumsError(f"The box answered {response.status_code}", why=response.text[:500])
    kind = kinds().get(said["code"], AlbumsError)
    return kind(said["what"], why=said["why"], hint=said["hint"], **said["facts"])
