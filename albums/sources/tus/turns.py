"""One writer an upload at a time, and nobody waits for a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from albums.errors import AlbumsError

_AT_ONCE = 64  # uploads being written
_LEAST = 4096  # bytes that must come within `silence`


class Locked(AlbumsError):
    """Somebody else is writing to it now."""

    status, exit_code, code = 423, 6, "locked"


class Silent(AlbumsError):
    """A request whose body does not come."""

    status, exit_code, code = 408, 1, "too-slow"


class Busy(AlbumsError):
    """The box has its hands full."""

    status, exit_code, code = 503, 1, "busy"


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    silence: float = 60  # until a request from which nothing comes is given up
    steal: float = 5  # of silence, after which another request may go on in its place
    wait: float = 10  # for one that was told to let go, or that just finishes


class Turns:
    """Who writes to which upload. Lives in the event loop."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._turns: dict[str, Turn] = {}

    def taken(self) -> set[str]:
        """Ids of the uploads that are being written."""
        return set(self._turns)

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[Turn]:
        """Raises Locked while a request that is alive has it, Busy while too many write."""
        await self.free(upload_id)
        if upload_id in self._turns:
            raise _locked()
        if len(self._turns) >= _AT_ONCE:
            raise Busy("The box takes in too much at once", hint="Try again soon", retry_after=5)
        turn = self._turns[upload_id] = Turn(self.patience.silence)
        try:
            yield turn
        finally:
            del self._turns[upload_id]
            turn.free.set()

    async def free(self, upload_id: str, *, at_once: bool = False) -> None:
        """Whoever has been silent for long lets go; `at_once`: whoever has it. Raises Locked where
        that takes too long."""
        holder = self._turns.get(upload_id)
        if not holder or not (at_once or holder.silent_for() >= self.patience.steal):
            return
        holder.let_go()
        try:
            await asyncio.wait_for(holder.free.wait(), self.patience.wait)
        except TimeoutError as error:
            raise _locked() from error


class Turn:
    """Whoever writes to an upload now."""

    def __init__(self, silence: float) -> None:
        self.free = asyncio.Event()
        self._silence = silence
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._asked = False
        self._waiting: asyncio.Timeout | None = None

    def silent_for(self) -> float:
        """Seconds that it has been waiting for its client; 0 while it works."""
        return self._loop.time() - self._heard if self._waiting else 0

    def let_go(self) -> None:
        """It keeps what came and ends, as soon as it next waits for its client."""
        self._asked = True
        if self._waiting:
            self._waiting.reschedule(self._loop.time())

    async def listen(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Raises Silent when too little comes or when asked to let go."""
        deadline, came = self._loop.time() + self._silence, 0
        while chunk := await self._next(body, deadline):
            self._heard = self._loop.time()
            came += len(chunk)
            yield chunk
            if came >= _LEAST:
                deadline, came = self._loop.time() + self._silence, 0
            else:
                deadline += self._loop.time() - self._heard  # the disk's time is not the client's

    async def _next(self, body: AsyncIterator[bytes], deadline: float) -> bytes:
        """Empty at the end of the body."""
        if self._asked:
            raise _silent("Another request goes on in its place")
        try:
            async with asyncio.timeout_at(deadline) as self._waiting:
                while (chunk := await anext(body, None)) is not None:
                    if chunk:
                        return chunk
                return b""
        except TimeoutError as error:
            if self._asked:
                raise _silent("Another request goes on in its place") from error
            raise _silent(f"Fewer than {_LEAST} bytes in {self._silence:.0f} s") from error
        finally:
            self._waiting = None


def _locked() -> Locked:
    return Locked(
        "Another request is writing to this upload",
        hint="Wait until it ends, or ask for the offset and go on from there",
        retry_after=1,
    )


def _silent(why: str) -> Silent:
    return Silent(
        "Nothing came for too long",
        why=why,
        hint="What came is kept; ask for the offset and go on from there",
    )
