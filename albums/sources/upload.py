"""Files sent over HTTP. The body goes to disk as it arrives: one pass, one copy, little memory.

The event loop parses the form and hands blocks to a thread that hashes and writes them. Nothing
is kept before the whole form is there and makes sense; cut off, it leaves nothing.
"""

from __future__ import annotations

import asyncio
import io
import queue
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from albums.errors import BadInput, TooLarge
from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.receive import Receiver
from albums.library.facts import Claim
from albums.sources.said import taken_claims

_BLOCK = 512 * 1024  # bytes handed over at once
_AHEAD = 4  # blocks that may wait for the disk
_AT_ONCE = 32  # uploads being written; more wait their turn
_LONGEST_FIELD = 4096
_FIELDS = ("captured_at",)
_FORM_OVERHEAD = 64 * 1024  # what boundaries and headers may add to a file's size


@dataclass(frozen=True)
class Sender:
    """Who sends, and whether they ask for what the owner deleted before."""

    origin: str  # tailscale://galaxy-s24, local://curl
    again: bool = False


class Uploads:
    """The way in for HTTP uploads. `close()` when the server ends."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self._writers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="upload")

    def close(self) -> None:
        self._writers.shutdown()

    async def receive(
        self, content_type: str, body: AsyncIterator[bytes], sender: Sender, length: int | None
    ) -> Receipt:
        """Keep the file of a multipart form; fields: `file`, `captured_at` (optional, ISO 8601).

        `length` is the body's, if known. Raises BadInput, TooLarge, DiskFull; then nothing is kept.
        """
        self._refuse_too_large(length)
        form = _Form(content_type)
        writing: _Writing | None = None
        try:
            async for chunk in body:
                form.feed(chunk)
                if form.files and writing is None:
                    writing = _Writing(self, _arrival(form.files[0].name, sender))
                if writing:
                    await writing.take(form.files[0])
            form.finish()
            if writing is None:
                raise BadInput("There is no file in this form", hint="Send it as the field `file`")
            claims = form.claims()
            return await writing.commit(claims)
        except BaseException as error:
            if writing:
                await asyncio.shield(writing.discard(error))
            raise

    async def receive_several(
        self, content_type: str, body: AsyncIterator[bytes], sender: Sender
    ) -> AsyncIterator[Receipt]:
        """Keep each file of a form whose fields called `file` are many, as soon as it is whole.

        What is wrong with one ends all, but those before are kept.
        """
        form = _Form(content_type, several=True)
        writing: _Writing | None = None
        try:
            async for chunk in body:
                form.feed(chunk)
                while form.files:
                    sent = form.files[0]
                    writing = writing or _Writing(self, _arrival(sent.name, sender))
                    await writing.take(sent)
                    if not sent.ended:
                        break
                    yield await writing.commit(())
                    writing = None
                    form.files.popleft()
            form.finish()
        except BaseException as error:
            if writing:
                await asyncio.shield(writing.discard(error))
            raise

    def _refuse_too_large(self, length: int | None) -> None:
        limit = self.receiver.limit
        if limit is not None and length is not None and length > limit + _FORM_OVERHEAD:
            raise TooLarge(
                f"The file is larger than {limit} bytes",
                hint="Raise upload_limit_gb in albums.toml",
            )


def _arrival(name: str, sender: Sender) -> Arrival:
    def unopened() -> Any:
        raise AssertionError("the stream is given when writing starts")

    return Arrival(name, unopened, "upload", sender.origin, again=sender.again)


class _Writing:
    """One file on its way to the disk, in a thread of its own."""

    def __init__(self, uploads: Uploads, arrival: Arrival) -> None:
        self._uploads = uploads
        self._pipe = _Pipe()
        self._committing = False
        opened = replace(arrival, open=lambda: io.BufferedReader(self._pipe, _BLOCK))
        loop = asyncio.get_running_loop()
        self._staging = loop.run_in_executor(uploads._writers, uploads.receiver.stage, opened)
        self._staging.add_done_callback(lambda _: self._pipe.reader_left())

    async def take(self, sent: _Sent) -> None:
        """Hand over what came by now, waiting for room; the whole rest once it ended."""
        while len(sent.content) >= _BLOCK or (sent.ended and sent.content):
            block = bytes(memoryview(sent.content)[:_BLOCK])
            del sent.content[:_BLOCK]
            await self._pipe.put(block)
            if self._staging.done():
                self._staging.result()  # raises what went wrong
        if sent.ended:
            self._pipe.end()

    async def commit(self, claims: tuple[Claim, ...]) -> Receipt:
        passing = await asyncio.shield(self._staging)
        self._committing = True
        passing.arrival = replace(passing.arrival, claims=claims)
        loop = asyncio.get_running_loop()
        receiver = self._uploads.receiver
        receipts = await asyncio.shield(
            loop.run_in_executor(self._uploads._writers, receiver.commit, [passing])
        )
        return receipts[0]

    async def discard(self, error: BaseException) -> None:
        """Take back what is on disk already. A commit cleans up after itself."""
        if self._committing:
            return
        self._pipe.fail(error)
        (outcome,) = await asyncio.gather(self._staging, return_exceptions=True)
        if not isinstance(outcome, BaseException):
            self._uploads.receiver.vault.originals.discard(outcome.staged)


class _Pipe(io.RawIOBase):
    """Blocks from the event loop to one reading thread, a few ahead at most."""

    def __init__(self) -> None:
        self._blocks: queue.SimpleQueue[bytes | BaseException] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(_AHEAD)
        self._loop = asyncio.get_running_loop()
        self._rest = memoryview(b"")
        self._ended = False
        self._read_all = False

    async def put(self, block: bytes) -> None:
        await self._room.acquire()
        self._blocks.put(block)

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._blocks.put(b"")

    def fail(self, error: BaseException) -> None:
        self._blocks.put(ConnectionAbortedError(f"the upload was cut off: {error!r}"))

    def reader_left(self) -> None:
        """Nobody takes blocks any more: let the writer find out why."""
        for _ in range(_AHEAD + 1):
            self._room.release()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest and not self._read_all:
            block = self._blocks.get()
            if isinstance(block, BaseException):
                raise block
            self._loop.call_soon_threadsafe(self._room.release)
            self._rest = memoryview(block)
            self._read_all = not block
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


@dataclass
class _Part:
    """A part of the form: its header lines, and where its bytes go."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    header: bytes = b""
    name: str = ""
    is_file: bool = False
    content: bytearray = field(default_factory=bytearray)


@dataclass
class _Sent:
    """A file of a form; `content` is what nobody took yet; `ended`: there will be no more."""

    name: str
    content: bytearray = field(default_factory=bytearray)
    ended: bool = False


class _Form:
    """A multipart form as it arrives. `files` are those whose headers are there; more than one only
    where there may be `several`, and then what was chosen as no file is none."""

    def __init__(self, content_type: str, *, several: bool = False) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise BadInput(
                "This is not a multipart form",
                why=f"Its content type is {content_type[:100]!r}",
                hint="Send multipart/form-data with the file in the field `file`",
            )
        self.files: deque[_Sent] = deque()
        self._several = several
        self._complete = False
        self._fields: dict[str, str] = {}
        self._part = _Part()
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())  # type: ignore[arg-type]
        except FormParserError as error:
            raise _broken(error) from error

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _broken(error) from error

    def finish(self) -> None:
        """The body ended. Raises BadInput when the form did not."""
        if not self._complete:
            raise _broken("it ends in the middle")

    def claims(self) -> tuple[Claim, ...]:
        return taken_claims(self._fields.get("captured_at", ""))

    def _callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_ended,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        headers, name = self._part.headers, self._part.header
        headers[name] = headers.get(name, b"") + data[start:end]

    def _header_end(self) -> None:
        self._part.header = b""

    def _headers_finished(self) -> None:
        disposition = self._part.headers.get(b"content-disposition", b"").decode("latin-1")
        _, options = parse_options_header(disposition)
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        name = options.get(b"filename", b"").decode("utf-8", "surrogateescape")
        self._part.is_file = self._part.name == "file" and (bool(name) or not self._several)
        if not self._part.is_file:
            return
        if self.files and not self._several:
            raise BadInput("There are several files in this form", hint="Send one file a request")
        self.files.append(_Sent(name or "unnamed"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self.files[-1].content += memoryview(data)[start:end]
        elif self._part.name not in _FIELDS:
            return  # however many there are, they take no memory
        elif len(self._part.content) + end - start > _LONGEST_FIELD:
            raise BadInput(f"The field {self._part.name!r} is longer than {_LONGEST_FIELD} bytes")
        else:
            self._part.content += data[start:end]

    def _part_ended(self) -> None:
        if self._part.is_file:
            self.files[-1].ended = True
            return
        if self._part.name in _FIELDS:
            self._fields[self._part.name] = self._part.content.decode("utf-8", "replace")
            self.claims()  # refuse early what cannot be understood

    def _end(self) -> None:
        self._complete = True


def _broken(why: object) -> BadInput:
    return BadInput("The form is broken", why=str(why), hint="Send it again")
