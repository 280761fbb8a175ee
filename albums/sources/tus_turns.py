"""Bodies of requests on their way into uploads: one writer an upload, nobody waits for a dead one.

The event loop collects blocks and hands them to threads, one block ahead of the disk. A request
that is cut off, falls silent or is told to let go leaves behind what had come until then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from albums.errors import AlbumsError, Conflict, TooLarge
from albums.ingest.receive import Receiver
from albums.library.uploads import Upload
from albums.sources.tus import Checksum, TusUploads, Writing, wrong_bytes

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_BLOCK = 1 << 20  # bytes handed over at once
_THREADS = 16
_AT_ONCE = 64  # uploads being written
_SWEEP_EVERY = 3600.0  # seconds
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
class Piece:
    """The body of one request. `length`: of the body, where it is known before."""

    offset: int
    body: AsyncIterator[bytes]
    length: int | None = None
    checksum: Checksum | None = None


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    silence: float = 60  # until a request from which nothing comes is given up
    steal: float = 5  # of silence, after which another request may go on in its place
    wait: float = 10  # for one that was told to let go, or that just finishes


class Tus:
    """The way in for uploads in pieces. Lives in the event loop; `close()` when the server ends."""

    def __init__(self, receiver: Receiver, patience: Patience | None = None) -> None:
        self.uploads = TusUploads(receiver)
        self.patience = patience or Patience()
        self._threads = ThreadPoolExecutor(_THREADS, "tus")
        self._turns: dict[str, _Turn] = {}

    def close(self) -> None:
        self._threads.shutdown()
        self.uploads.close()

    @property
    def limit(self) -> int | None:
        """Bytes a file."""
        return self.uploads.receiver.limit

    async def begin(
        self, owner: str, origin: str, length: int, said: Mapping[str, str], piece: Piece | None
    ) -> Upload:
        """A new upload, with its first piece if that comes along.

        Raises as TusUploads.begin does; what goes wrong later is found by looking at the upload.
        """
        if piece and piece.length is not None:
            _refuse_longer(piece.length, length)
        upload = await self._in_thread(self.uploads.begin, owner, origin, length, said)
        if piece is None and length:
            return upload
        return await self.append(upload.id, owner, piece or Piece(0, _nothing()))

    async def look(self, upload_id: str, owner: str) -> Upload:
        """How far it is. What is whole passes the door first; a silent writer lets go.

        Raises NotFound, WrongBytes, Locked, and whatever the door says.
        """
        await self._find(upload_id, owner)
        turn = self._turns.get(upload_id)
        if turn and turn.silent_for() >= self.patience.steal:
            await self._take_from(turn)
        upload = await self._find(upload_id, owner)
        if upload.state == "open" and upload.whole:
            return await self.append(upload_id, owner, Piece(upload.length, _nothing()))
        return upload

    async def append(self, upload_id: str, owner: str, piece: Piece) -> Upload:
        """Write a piece. Raises NotFound, WrongBytes, Locked, Conflict, TooLarge, DiskFull."""
        await self._find(upload_id, owner)
        async with self._turn(upload_id) as turn:
            upload = await self._find(upload_id, owner)
            _refuse_elsewhere(upload, piece.offset)
            if piece.length is not None:
                _refuse_longer(piece.length, upload.length - upload.offset)
            if upload.state == "done":
                return upload
            writing = await self._in_thread(self.uploads.write_on, upload, piece.checksum)
            await self._carry(turn.listen(piece.body), writing)
            return await self._in_thread(writing.complete)

    async def end(self, upload_id: str, owner: str) -> None:
        """Whoever writes to it lets go first. Raises NotFound, Locked."""
        await self._in_thread(self.uploads.find, upload_id, owner)
        if turn := self._turns.get(upload_id):
            await self._take_from(turn)
        async with self._turn(upload_id):
            upload = await self._in_thread(self.uploads.find, upload_id, owner)
            await self._in_thread(self.uploads.end, upload)

    async def keep_tidy(self) -> None:
        """Until it is cancelled: finish what was left whole, forget what expired."""
        while True:
            try:
                await self.tidy()
            except (AlbumsError, OSError) as error:
                log.warning("uploads were not swept: %s", error)
            await asyncio.sleep(_SWEEP_EVERY)

    async def tidy(self) -> None:
        """Once. What cannot be finished now stays for the next time."""
        for upload in await self._in_thread(self.uploads.left_whole):
            try:
                await self._finish(upload)
            except (AlbumsError, OSError) as error:
                log.warning("upload %s is whole but could not be kept: %s", upload.id, error)
        expired = await self._in_thread(self.uploads.sweep, set(self._turns))
        if expired:
            log.info("%s uploads expired", expired)

    async def _finish(self, upload: Upload) -> None:
        async with self._turn(upload.id):
            writing = await self._in_thread(self.uploads.write_on, upload, None)
            await self._in_thread(writing.complete)
            log.info("finished an upload that was cut off: %s", upload.id)

    async def _find(self, upload_id: str, owner: str) -> Upload:
        upload = await self._in_thread(self.uploads.find, upload_id, owner)
        if upload.state == "wrong":
            raise wrong_bytes(upload.sha or "")
        return upload

    async def _carry(self, body: AsyncIterator[bytes], writing: Writing) -> None:
        """From the network to the disk; cut off, what came until then is promised."""
        held: list[bytes] = []
        count = 0
        disk: asyncio.Future[None] = _at_once()
        try:
            async for chunk in body:
                held.append(chunk)
                count += len(chunk)
                if count >= _BLOCK:
                    await _until_done(disk)
                    disk = self._start(writing.write, b"".join(held))
                    held, count = [], 0
            await _until_done(disk)
            disk = self._start(writing.write, b"".join(held))
            held = []
            await _until_done(disk)
        except BaseException:
            await asyncio.gather(disk, return_exceptions=True)
            await self._in_thread(writing.break_off, b"".join(held))
            raise

    @asynccontextmanager
    async def _turn(self, upload_id: str) -> AsyncIterator[_Turn]:
        if (holder := self._turns.get(upload_id)) and holder.silent_for() >= self.patience.steal:
            await self._take_from(holder)
        if upload_id in self._turns:
            raise _locked()
        if len(self._turns) >= _AT_ONCE:
            raise Busy("The box takes in too much at once", hint="Try again soon", retry_after=5)
        turn = self._turns[upload_id] = _Turn(self.patience.silence)
        try:
            yield turn
        finally:
            del self._turns[upload_id]
            turn.free.set()

    async def _take_from(self, holder: _Turn) -> None:
        holder.let_go()
        try:
            await asyncio.wait_for(holder.free.wait(), self.patience.wait)
        except TimeoutError as error:
            raise _locked() from error

    def _start(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _until_done(self._start(work, *args, **kwargs))


class _Turn:
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


def _refuse_elsewhere(upload: Upload, offset: int) -> None:
    if offset != upload.offset:
        raise Conflict(
            f"This upload goes on at byte {upload.offset}, not at {offset}",
            hint="Ask for the offset with HEAD and go on from there",
            offset=upload.offset,
        )


def _refuse_longer(length: int, room: int) -> None:
    if length > room:
        raise TooLarge(
            f"The body has {length} bytes, but only {room} are missing from this upload",
            hint="Begin a new upload with the right Upload-Length",
        )


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _at_once() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


async def _until_done(work: asyncio.Future[T]) -> T:
    """Waits for a thread even when the request is cancelled: it may not lose its turn before."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
