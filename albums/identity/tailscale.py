"""Our client of tailscaled's LocalAPI: who is this address, how is the daemon, until when is its
certificate valid. Everything in it fails closed, within a time limit, and recovers by itself.
"""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx

from albums.errors import AlbumsError
from albums.identity.addresses import normal_address
from albums.identity.answers import Malformed
from albums.identity.certificate import not_after
from albums.identity.peers import (
    HINTS,
    Daemon,
    Peer,
    State,
    User,
    daemon_of,
    peer_of,
)
from albums.identity.served import Served, served_of

__all__ = ["Daemon", "LocalApi", "Peer", "State", "TailscaleDown", "User"]

# tailscale/paths/paths.go: Linux and BSD, macOS (open source), Synology 7 and 6. Not QNAP's, which
# is below /tmp: there any user of this machine could put a daemon of their own.
PLACES = tuple(
    Path(place)
    for place in (
        "/var/run/tailscale/tailscaled.sock",
        "/var/run/tailscaled.socket",
        "/var/packages/Tailscale/var/tailscaled.sock",
        "/var/packages/Tailscale/etc/tailscaled.sock",
    )
)
_PROGRAMS = ("tailscale", "tailscaled")
_TRACES = (Path("/usr/sbin/tailscaled"), Path("/usr/local/sbin/tailscaled"))  # not in every PATH
_HEADERS = {
    "host": "local-tailscaled.sock",  # tailscaled refuses every other name
    "tailscale-cap": "145",  # the version of the protocol that this was written against
    "accept-encoding": "identity",
}
_LONGEST = 8 << 20  # bytes of an answer: the status of a network of thousands of devices
_ISSUING = 10.0  # seconds: tailscaled may have to renew a certificate before it shows it
_ABSENT = {errno.ENOENT, errno.ECONNREFUSED, errno.ENOTSOCK, errno.ENOTDIR}
_CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class TailscaleDown(AlbumsError):
    """Nobody can be recognised now. `facts["state"]` is what is known of the daemon."""

    status, exit_code, code = 503, 11, "tailscale-down"

    @property
    def state(self) -> State:
        return cast(State, self.facts["state"])


class LocalApi:
    """Asks tailscaled. To be used from one event loop; closed with `aclose()`.

    `socket`: where the daemon listens (None: the usual places); `patience`: seconds that one
    question may take, whatever happens.
    """

    def __init__(self, socket: Path | None = None, *, patience: float = 1.5) -> None:
        self._given = socket
        self._patience = patience
        self._line: httpx.AsyncClient | None = None
        self._place = Path()
        self._closed = False

    async def status(self) -> Daemon:
        """How tailscaled is. Raises nothing: where it is away, the state and `why` say so."""
        try:
            answer = await self._json("/status")
            if answer is None:
                raise _odd("it does not know its own status")
            return daemon_of(answer)
        except Malformed as error:
            down = _not_understood(error)
        except TailscaleDown as error:
            down = error
        return Daemon(down.state, why=down.why, advice=down.hint)

    async def whois(self, address: str) -> Peer | None:
        """The device that `address` belongs to, or None: nobody's, or no address at all.

        "100.64.0.2", "fd7a:…", or with the port "127.0.0.1:5555", "[::1]:5555" (then also
        connections that tailscaled itself forwards). Raises TailscaleDown.
        """
        wanted = normal_address(address)
        if wanted is None:
            return None
        try:
            answer = await self._json(f"/whois?proto=tcp&addr={quote(wanted)}")
            return None if answer is None else peer_of(answer)
        except Malformed as error:
            raise _not_understood(error) from error

    async def served(self) -> Served:
        """What `tailscale serve` hands on. Raises TailscaleDown."""
        try:
            return served_of(await self._json("/serve-config"))
        except Malformed as error:
            raise _not_understood(error) from error

    async def certificate(self, domain: str) -> datetime | None:
        """Until when the certificate of `domain` is valid; None where we may not read it.

        tailscaled gets one if there is none yet: ask only for names in `cert_domains`.
        Raises TailscaleDown.
        """
        path = f"/cert/{quote(domain, safe='')}?type=crt"
        code, body = await self._get(path, max(self._patience, _ISSUING))
        if code == httpx.codes.FORBIDDEN:
            return None
        if code != httpx.codes.OK:
            raise _odd(f"it answered {code}: {_begin(body)}")
        try:
            return not_after(body.decode("ascii"))
        except ValueError as error:
            raise _odd(f"its certificate cannot be read ({error})") from error

    async def aclose(self) -> None:
        """Nobody is asked any more: whoever still wants to would open a line that nobody closes."""
        self._closed = True
        if self._line:
            await self._line.aclose()
            self._line = None

    async def _json(self, path: str) -> Any:
        """The answer; None for 404, and for Go's null an empty one. Raises also Malformed."""
        code, body = await self._get(path, self._patience)
        if code == httpx.codes.NOT_FOUND:
            return None
        if code != httpx.codes.OK:
            raise _odd(f"it answered {code}: {_begin(body)}")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed("that is not JSON") from error
        return {} if found is None else found

    async def _get(self, path: str, patience: float) -> tuple[int, bytes]:
        """Status and body. A time limit on the whole: httpx's own are for each piece of it."""
        try:
            async with asyncio.timeout(patience):
                try:
                    return await self._once(path)
                except _CUT_OFF:  # the daemon was restarted while our line lay idle
                    return await self._once(path)
        except TimeoutError as error:
            raise _odd(f"it does not answer within {patience:g} s") from error
        except httpx.ConnectError as error:
            raise self._unreachable(error) from error
        except httpx.HTTPError as error:
            raise _odd(f"it broke off in the middle of an answer ({error})") from error

    async def _once(self, path: str) -> tuple[int, bytes]:
        line = await self._dial()
        async with line.stream("GET", f"/localapi/v0{path}") as response:
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > _LONGEST:
                    raise _odd("its answer does not end")
            return response.status_code, bytes(body)

    async def _dial(self) -> httpx.AsyncClient:
        """The line; a new one when the daemon turned up in another of the usual places."""
        if self._closed:
            raise _down("not running", "the box is closing")
        place = self._given or next((p for p in PLACES if _perhaps(p)), PLACES[0])
        if self._line is None or place != self._place:
            old, self._place = self._line, place
            # A unix socket has no TLS: an empty context spares reading the system's authorities.
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._line = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=str(place), verify=tls),
                base_url="http://local-tailscaled.sock",
                headers=_HEADERS,
                timeout=None,
                trust_env=False,
            )
            if old:
                await old.aclose()
        return self._line

    def _unreachable(self, error: httpx.ConnectError) -> TailscaleDown:
        cause = _os_error(error)
        if isinstance(cause, PermissionError):
            return _down(
                "not running",
                f"this user may not open {self._place}",
                f"Let the user of Albums into {self._place.parent} (mode 0755)",
            )
        if cause is None or cause.errno not in _ABSENT:
            return _odd(f"{self._place} cannot be opened ({cause or error})")
        if not self._installed():
            return _down("not installed", f"there is no {self._place}")
        return _down("not running", f"nobody listens at {self._place}")

    def _installed(self) -> bool:
        places = [self._given] if self._given else PLACES
        folders = [place.parent for place in places if place.parent.name != "run"]  # all have that
        return any(_perhaps(trace) for trace in (*folders, *_TRACES)) or any(
            shutil.which(program) for program in _PROGRAMS
        )


def _begin(body: bytes) -> str:
    text = body[:200].decode("utf-8", "replace").strip()
    return "".join(c for c in text if c.isprintable())


def _perhaps(path: Path) -> bool:
    """It exists, or lies in a folder that we may not look into."""
    try:
        return path.exists()
    except PermissionError:
        return True


def _os_error(error: BaseException | None) -> OSError | None:
    """What the system said. httpcore and httpx wrap it, the pool between them hides the cause."""
    while error is not None:
        if isinstance(error, OSError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _down(state: State, why: str, hint: str = "") -> TailscaleDown:
    return TailscaleDown(
        "Tailscale cannot say who this is", why=why, hint=hint or HINTS[state], state=state
    )


def _not_understood(error: Malformed) -> TailscaleDown:
    return _odd(f"it answered what nobody understands ({error})")


def _odd(why: str) -> TailscaleDown:
    """It is there, and something is wrong with it."""
    hint = "Restart it on the box: sudo systemctl restart tailscaled"
    return _down("not running", f"tailscaled: {why}", hint)
