"""A DERP relay and a STUN responder: how two devices meet before they know a direct path."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from typing import cast

from nacl.public import Box, PrivateKey, PublicKey

_MAGIC = "DERP\N{KEY}".encode()
_SERVER_KEY, _CLIENT_INFO, _SERVER_INFO = 0x01, 0x02, 0x03
_SEND, _RECEIVE, _KEEP_ALIVE, _GONE = 0x04, 0x05, 0x06, 0x08
_PING, _PONG = 0x12, 0x13
_NOT_HERE = b"\x01"
_EVERY = 30.0  # seconds; clients give up after two silent minutes


class Relay:
    """Carries sealed packets from key to key. It cannot read them."""

    def __init__(self) -> None:
        self._own = PrivateKey.generate()
        self._here: dict[bytes, asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak DERP on a connection that has been upgraded, until it ends."""
        _put(writer, _SERVER_KEY, _MAGIC + bytes(self._own.public_key))
        kind, info = await _take(reader)
        if kind != _CLIENT_INFO:
            raise ConnectionError("a client that does not introduce itself")
        key = info[:32]
        box = Box(self._own, PublicKey(key))
        box.decrypt(info[32:])  # proves that the key is the client's
        _put(writer, _SERVER_INFO, bytes(box.encrypt(json.dumps({"version": 2}).encode())))
        self._here[key] = writer
        alive = asyncio.ensure_future(_keep_alive(writer))
        try:
            while True:
                await self._carry(key, *await _take(reader))
        finally:
            alive.cancel()
            if self._here.get(key) is writer:
                del self._here[key]

    async def _carry(self, sender: bytes, kind: int, said: bytes) -> None:
        own = self._here[sender]
        if kind == _PING:
            _put(own, _PONG, said)
        elif kind == _SEND and (there := self._here.get(said[:32])):
            _put(there, _RECEIVE, sender + said[32:])
        elif kind == _SEND:
            _put(own, _GONE, said[:32] + _NOT_HERE)
        await own.drain()


async def _keep_alive(writer: asyncio.StreamWriter) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        _put(writer, _KEEP_ALIVE, b"")


def _put(writer: asyncio.StreamWriter, kind: int, said: bytes) -> None:
    writer.write(bytes([kind]) + len(said).to_bytes(4, "big") + said)


async def _take(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    header = await reader.readexactly(5)
    return header[0], await reader.readexactly(int.from_bytes(header[1:], "big"))


class Stun(asyncio.DatagramProtocol):
    """Tells who asks the address that their question came from (RFC 8489, binding only)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 20 or data[:2] != b"\x00\x01":
            return
        cookie = data[4:8]
        port = addr[1] ^ int.from_bytes(cookie[:2], "big")
        host = int(ipaddress.IPv4Address(addr[0])) ^ int.from_bytes(cookie, "big")
        mapped = b"\x00\x20\x00\x08\x00\x01" + port.to_bytes(2, "big") + host.to_bytes(4, "big")
        self._transport.sendto(
            b"\x01\x01" + len(mapped).to_bytes(2, "big") + data[4:20] + mapped, addr
        )
