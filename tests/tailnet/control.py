"""A small control plane: lets devices in by their auth keys and tells each who else is there."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets

from nacl.exceptions import CryptoError

from tests.tailnet import noise
from tests.tailnet.http2 import Answer, Request, serve
from tests.tailnet.relay import Relay, Stun
from tests.tailnet.tailnet import DOMAIN, PEOPLE, RELAY_REGION, Device, Facts, Tailnet

_STUN_PORT = 3478
_KEEP_ALIVE = 45.0  # seconds; a device that hears nothing for 120 s starts over
_EVERYBODY = [{"SrcIPs": ["*"], "DstPorts": [{"IP": "*", "Ports": {"First": 0, "Last": 65535}}]}]
_GONE = (ConnectionError, asyncio.IncompleteReadError, CryptoError)


class Control:
    """Listens on `host`, which devices reach. All methods belong to one event loop."""

    def __init__(self, tailnet: Tailnet, host: str) -> None:
        self._tailnet, self._host = tailnet, host
        self._key = noise.Key.new()
        self._relay = Relay()
        self._sessions: dict[int, asyncio.Queue[Facts]] = {}
        self._asked: dict[str, asyncio.Future[bytes]] = {}

    async def start(self) -> str:
        """The control URL."""
        self._server = await asyncio.start_server(self._connection, self._host)
        self._port = int(self._server.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        self._stun, _ = await loop.create_datagram_endpoint(
            Stun, local_addr=(self._host, _STUN_PORT)
        )
        return f"http://{self._host}:{self._port}"

    async def stop(self) -> None:
        self._stun.close()
        self._server.close()

    async def remove(self, name: str) -> None:
        """Takes a device out of the network: all others are told.

        It is told nothing itself, so it keeps its keys and goes on trying.
        """
        gone = self._tailnet.named(name)
        self._tailnet.remove(gone)
        self._sessions.pop(gone.id, None)
        for queue in self._sessions.values():
            queue.put_nowait({"PeersRemoved": [gone.id]})

    async def netmap(self, name: str) -> Facts:
        """What the device itself believes about the network, asked of it (`c2n`)."""
        device = self._tailnet.named(name)
        token = secrets.token_hex(8)
        self._asked[token] = asyncio.get_running_loop().create_future()
        question = b"GET /debug/netmap HTTP/1.1\r\nHost: device\r\n\r\n"
        ping = {
            "URL": f"https://{self._host}:{self._port}/c2n/{token}",
            "Types": "c2n",
            "Payload": base64.b64encode(question).decode(),
        }
        self._sessions[device.id].put_nowait({"PingRequest": ping})
        try:
            answer = await asyncio.wait_for(self._asked[token], 5)
        finally:
            del self._asked[token]
        found: Facts = json.loads(_http_body(answer))["current"]
        return found

    def online(self, name: str) -> bool:
        try:
            return self._tailnet.named(name).id in self._sessions
        except StopIteration:
            return False

    # One TCP connection: plain HTTP/1.1 that soon becomes something else.

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(*_GONE):
            await self._first_request(reader, writer)
        writer.close()

    async def _first_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1].partition("?")[0]
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:])
        }
        if path == "/key":
            public = {"legacyPublicKey": f"mkey:{'0' * 64}", "publicKey": self._public}
            writer.write(_http(200, json.dumps(public).encode()))
        elif path == "/ts2021":
            writer.write(_switch("tailscale-control-protocol"))
            initiation = base64.b64decode(headers["x-tailscale-handshake"])
            stream = await noise.accept(reader, writer, initiation, self._key)
            await stream.write(_early())
            await serve(stream, self._answer)
        elif path == "/derp" and "upgrade" in headers:
            writer.write(_switch("DERP"))
            await self._relay.serve(reader, writer)
        else:
            writer.write(_http(204 if path == "/generate_204" else 200, b""))

    @property
    def _public(self) -> str:
        return f"mkey:{self._key.public.hex()}"

    # Inside the sealed stream: HTTP/2.

    async def _answer(self, request: Request, answer: Answer) -> None:
        if request.path == "/machine/register":
            await answer.whole(self._register(request))
        elif request.path == "/machine/map":
            await self._map(request, answer)
        elif asked := self._asked.get(request.path.removeprefix("/c2n/")):
            asked.set_result(bytes(request.body))
            await answer.whole(status=204)
        else:
            await answer.whole(status=204)

    def _register(self, request: Request) -> bytes:
        wish = json.loads(request.body)
        auth_key = (wish.get("Auth") or {}).get("AuthKey", "")
        device = self._tailnet.join(auth_key, request.machine, wish["NodeKey"])
        if device is None:
            return json.dumps({"Error": "invalid auth key"}).encode()
        device.said |= {"Hostinfo": wish.get("Hostinfo")}
        person = device.invitation.person
        return json.dumps(
            {
                "User": {"ID": person.id, "DisplayName": person.display_name},
                "Login": {"LoginName": person.login, "DisplayName": person.display_name},
                "MachineAuthorized": True,
            }
        ).encode()

    async def _map(self, request: Request, answer: Answer) -> None:
        wish = json.loads(request.body)
        device = self._tailnet.find(wish["NodeKey"], request.machine)
        if device is None:
            await answer.whole(b"node not found", 404)
            return
        device.said |= {k: wish[k] for k in ("Version", "DiscoKey", "Hostinfo") if wish.get(k)}
        if not wish.get("Stream"):
            device.said["Endpoints"] = wish.get("Endpoints") or []
            self._tell_others(device)
            await answer.whole()
            return
        await answer.start()
        with contextlib.suppress(*_GONE):
            await self._stream_map(device, answer)

    async def _stream_map(self, device: Device, answer: Answer) -> None:
        queue: asyncio.Queue[Facts] = asyncio.Queue()
        queue.put_nowait(self._whole_map(device))
        self._sessions[device.id] = queue
        self._tell_others(device)
        try:
            while True:
                packed = _zstd(json.dumps(await _next(queue)).encode())
                await answer.send(len(packed).to_bytes(4, "little") + packed)
        finally:
            if self._sessions.get(device.id) is queue:
                del self._sessions[device.id]

    def _tell_others(self, device: Device) -> None:
        for peer in self._tailnet.peers(device):
            if queue := self._sessions.get(peer.id):
                queue.put_nowait({"PeersChanged": [device.facts()]})

    def _whole_map(self, device: Device) -> Facts:
        return {
            "Node": device.facts(),
            "Peers": [peer.facts() for peer in self._tailnet.peers(device)],
            "UserProfiles": [person.profile() for person in PEOPLE],
            "Domain": DOMAIN,
            "DNSConfig": {"Domains": [DOMAIN], "Proxied": True},
            "PacketFilter": _EVERYBODY,
            "DERPMap": {"omitDefaultRegions": True, "Regions": {RELAY_REGION: self._region()}},
        }

    def _region(self) -> Facts:
        relay = {
            "Name": "home",
            "RegionID": RELAY_REGION,
            "HostName": self._host,
            "IPv4": self._host,
            "DERPPort": self._port,
            "STUNPort": _STUN_PORT,
        }
        names = {"RegionID": RELAY_REGION, "RegionCode": "home", "RegionName": "Home"}
        return {**names, "Nodes": [relay]}


async def _next(queue: asyncio.Queue[Facts]) -> Facts:
    try:
        return await asyncio.wait_for(queue.get(), _KEEP_ALIVE)
    except TimeoutError:
        return {"KeepAlive": True}


def _early() -> bytes:
    # Comes before HTTP/2 begins; a client tells the two apart by these first five bytes.
    challenge = json.dumps({"nodeKeyChallenge": f"chalpub:{secrets.token_hex(32)}"}).encode()
    return b"\xff\xff\xffTS" + len(challenge).to_bytes(4, "big") + challenge


def _http(status: int, body: bytes) -> bytes:
    return f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _switch(to: str) -> bytes:
    head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {to}\r\nConnection: upgrade\r\n\r\n"
    return head.encode()


def _http_body(message: bytes) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if not (length := int(size, 16)):
            return whole
        whole, body = whole + body[:length], body[length + 2 :]


def _zstd(data: bytes) -> bytes:
    # A frame of blocks that are stored as they are (RFC 8878, 3.1.1): valid, and no library needed.
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    for start in range(0, len(data), 1 << 17):
        block = data[start : start + (1 << 17)]
        last = start + len(block) == len(data)
        frame += (len(block) << 3 | last).to_bytes(3, "little") + block
    return frame
