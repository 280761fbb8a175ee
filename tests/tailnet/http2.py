"""As much of an HTTP/2 server as the control protocol asks for, over any stream of bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)

from tests.tailnet.noise import Stream


@dataclass
class Request:
    """A request whose body has arrived; `machine` is who asks."""

    machine: bytes
    method: str
    path: str
    body: bytearray = field(default_factory=bytearray)


class Answer:
    """Where a handler answers one request: `start`, any number of `send`, `end`."""

    def __init__(self, server: _Server, stream: int) -> None:
        self._server, self._stream = server, stream

    async def start(self, status: int = 200) -> None:
        self._server.protocol.send_headers(self._stream, [(":status", str(status))])
        await self._server.flush()

    async def send(self, data: bytes) -> None:
        while data:
            room = await self._server.room(self._stream)
            self._server.protocol.send_data(self._stream, data[:room])
            data = data[room:]
            await self._server.flush()

    async def end(self) -> None:
        self._server.protocol.end_stream(self._stream)
        await self._server.flush()

    async def whole(self, body: bytes = b"", status: int = 200) -> None:
        await self.start(status)
        await self.send(body)
        await self.end()


Handler = Callable[[Request, Answer], Awaitable[None]]


async def serve(stream: Stream, handler: Handler) -> None:
    """Answer requests until the other side leaves; what still runs then is cancelled."""
    server = _Server(stream, handler)
    try:
        await server.run()
    finally:
        server.cancel()


class _Server:
    def __init__(self, stream: Stream, handler: Handler) -> None:
        self.protocol = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._stream, self._handler = stream, handler
        self._requests: dict[int, Request] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._writing = asyncio.Lock()
        self._window = asyncio.Condition()

    async def run(self) -> None:
        self.protocol.initiate_connection()
        await self.flush()
        while True:
            for event in self.protocol.receive_data(await self._stream.read()):
                if isinstance(event, ConnectionTerminated):
                    return
                self._note(event)
            await self.flush()
            async with self._window:
                self._window.notify_all()

    def _note(self, event: object) -> None:
        match event:
            case RequestReceived():
                said = {str(name): str(value) for name, value in event.headers}
                self._requests[event.stream_id] = Request(
                    self._stream.machine, said[":method"], said[":path"]
                )
            case DataReceived():
                self._requests[event.stream_id].body += event.data
                self.protocol.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id
                )
            case StreamEnded():
                self._begin(event.stream_id)
            case StreamReset() if task := self._running.get(event.stream_id):
                task.cancel()
            case WindowUpdated():
                pass  # run() wakes those who wait for room

    def _begin(self, stream: int) -> None:
        work = self._handler(self._requests.pop(stream), Answer(self, stream))
        task = asyncio.ensure_future(work)
        self._running[stream] = task
        task.add_done_callback(lambda _: self._running.pop(stream, None))

    async def flush(self) -> None:
        async with self._writing:
            if data := self.protocol.data_to_send():
                await self._stream.write(data)

    async def room(self, stream: int) -> int:
        """How many bytes may be sent now; waits until there are any."""
        async with self._window:
            await self._window.wait_for(lambda: self.protocol.local_flow_control_window(stream) > 0)
        window: int = self.protocol.local_flow_control_window(stream)
        frame: int = self.protocol.max_outbound_frame_size
        return min(window, frame)

    def cancel(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
