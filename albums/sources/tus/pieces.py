"""Bodies of requests on their way into uploads.

The event loop collects blocks and hands them to threads, one block ahead of the disk. A request
that is cut off, falls silent or is told to let go leaves behind what had come until then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from albums.errors import AlbumsError, Conflict, TooLarge
from albums.ingest.receive import Receiver
from albums.library.uploads import Upload
from albums.sources.tus.turns import Patience, Turns
from albums.sources.tus.uploads import TusUploads, wrong_bytes
from albums.sources.tus.writing import Checksum, Writing

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_BLOCK = 1 << 20  # bytes handed over at once
_THREADS = 16
_SWEEP_EVERY = 3600.0  # seconds


@dataclass(frozen=True)
class Piece:
    """The body of one request. `length`: of the body, where it is known before."""

    offset: int
    body: AsyncIterator[bytes]
    length: int | None = None
    checksum: Checksum | None = None


class Tus:
    """The way in for uploads in pieces. Lives in the event loop; `close()` when the server ends."""

    def __init__(self, receiver: Receiver, patience: Patience | None = None) -> None:
        self.uploads = TusUploads(receiver)
        self._threads = ThreadPoolExecutor(_THREADS, "tus")
        self._turns = Turns(patience or Patience())

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
        upload = await self._in_thread(self._find, upload_id, owner)
        if upload_id in self._turns.taken():
            await self._turns.free(upload_id)
            upload = await self._in_thread(self._find, upload_id, owner)
        if upload.state == "open" and upload.whole:
            return await self.append(upload_id, owner, Piece(upload.length, _nothing()))
        return upload

    async def append(self, upload_id: str, owner: str, piece: Piece) -> Upload:
        """Write a piece. Raises NotFound, WrongBytes, Locked, Conflict, TooLarge, DiskFull."""
        if upload_id in self._turns.taken():  # whose upload it is comes before who writes to it
            await self._in_thread(self._find, upload_id, owner)
        async with self._turns.take(upload_id) as turn:
            writing = await self._in_thread(self._write_on, upload_id, owner, piece)
            if isinstance(writing, Upload):
                return writing
            await self._carry(turn.listen(piece.body), writing)
            return await self._in_thread(writing.complete)

    async def end(self, upload_id: str, owner: str) -> None:
        """Whoever writes to it lets go first. Raises NotFound, Locked."""
        await self._in_thread(self.uploads.find, upload_id, owner)
        await self._turns.free(upload_id, at_once=True)
        async with self._turns.take(upload_id):
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
        expired = await self._in_thread(self.uploads.sweep, self._turns.taken())
        if expired:
            log.info("%s uploads expired", expired)

    async def _finish(self, upload: Upload) -> None:
        async with self._turns.take(upload.id):
            await self._in_thread(self.uploads.finish, upload)
            log.info("finished an upload that was cut off: %s", upload.id)

    def _find(self, upload_id: str, owner: str) -> Upload:
        upload = self.uploads.find(upload_id, owner)
        if upload.state == "wrong":
            raise wrong_bytes(upload.sha or "")
        return upload

    def _write_on(self, upload_id: str, owner: str, piece: Piece) -> Writing | Upload:
        """The upload itself, done, where nothing is missing from it."""
        upload = self._find(upload_id, owner)
        _refuse_elsewhere(upload, piece.offset)
        if piece.length is not None:
            _refuse_longer(piece.length, upload.length - upload.offset)
        if upload.state == "done":
            return upload
        if upload.whole:
            return self.uploads.finish(upload)
        return Writing(self.uploads, upload, piece.checksum)

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

    def _start(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _until_done(self._start(work, *args, **kwargs))


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
