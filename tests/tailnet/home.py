"""A home network with a box that serves photos, and everybody who might want to look at them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.identity.network import TAGGED
from tests.tailnet import devices
from tests.tailnet.control import Control
from tests.tailnet.daemon import BoxDaemon
from tests.tailnet.tailnet import ALICE, BOB, CAROL, Invitation, Tailnet

ADDRESS = "192.0.2.1"  # of TEST-NET-1 (RFC 5737): nobody's
_LINKS = (
    "link set lo up",
    "link add home type veth peer name street",
    f"addr add {ADDRESS}/24 dev home",
    "link set home up",
    "link set street up",
)
_JOINING = 60  # seconds
GUESTS = (
    Invitation("phone", ALICE),
    Invitation("tablet", ALICE),
    Invitation("guest", BOB, shared_in=True),
    Invitation("flatmate", CAROL),
    Invitation("kiosk", TAGGED, tags=("tag:kiosk",)),
)
T = TypeVar("T")


def lay_cables() -> str:
    """Loopback and one network card; says what went wrong, or ""."""
    for line in _LINKS:
        done = subprocess.run(["ip", *line.split()], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"ip {line}: {done.stderr.strip()}"
    return ""


class Home:
    """`with Home(folder) as home:` all devices have joined, and the box belongs to Alice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.serve_socket = folder / "serve" / "albums.sock"
        self.library = folder / "library"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="control")
        self._tailnet = Tailnet()
        self._control = Control(self._tailnet, ADDRESS)
        self._daemon = BoxDaemon(folder / "tailscaled.sock", self._boxs_netmap)
        self._running: list[devices.Running] = []
        self._albums: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._log = folder / "albums.log"

    def __enter__(self) -> Home:
        self._thread.start()
        try:
            self._url = self._do(self._control.start())
            self._join(Invitation("box", ALICE), devices.box(self.serve_socket))
            self._wait(lambda: self._control.online("box"), "the box did not join")
            self._wait(devices.authority(self.folder).exists, "the box made no certificate")
            for guest in GUESTS:
                self._join(guest, devices.phone(guest.name, self._app_of(guest.name)))
            self._daemon.start()
            self._start_albums()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._albums:
            self._albums.terminate()
            self._albums.wait(20)
        for device in self._running:
            device.stop()
        self._daemon.stop()
        self._do(self._control.stop())
        self._do(_end_all_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def app(self, name: str) -> httpx.Client:
        """What an app on this device uses: every request goes through its tunnel to the box."""
        return _client(self._app_of(name))

    def behind_serve(self) -> httpx.Client:
        """The socket that the box's proxy forwards to, for saying what the proxy could say."""
        return _client(self.serve_socket)

    def address(self, name: str) -> str:
        return self._tailnet.named(name).address

    def remove(self, name: str) -> None:
        self._do(self._control.remove(name))

    def albums(self, *words: str) -> str:
        """What the command says."""
        done = subprocess.run(
            self._command(*words),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + _end_of(self._log)
        return done.stdout

    def _boxs_netmap(self) -> dict[str, Any]:
        return self._do(self._control.netmap("box"))

    def _join(self, invitation: Invitation, site: devices.Config) -> None:
        key = self._tailnet.invite(invitation)
        name = invitation.name
        self._running.append(devices.start(name, self.folder / name, key, self._url, site))

    def _app_of(self, name: str) -> Path:
        return self.folder / f"{name}.sock"

    def _start_albums(self) -> None:
        with self._log.open("wb") as sink:
            self._albums = subprocess.Popen(
                self._command("serve"), env=self._environment(), stdout=sink, stderr=sink
            )
        self._wait(self.serve_socket.exists, "albums serve did not start")
        self.albums("claim", ALICE.login)

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "albums", *words, "--library", str(self.library)]

    def _environment(self) -> dict[str, str]:
        own = {
            "ALBUMS_SERVE_SOCKET": str(self.serve_socket),
            "ALBUMS_TAILSCALE_SOCKET": str(self._daemon.path),
            "ALBUMS_PORT": "0",
        }
        others = {k: v for k, v in os.environ.items() if not k.startswith("ALBUMS_")}
        return {**others, **own}

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _wait(self, ready: Callable[[], bool], complaint: str) -> None:
        until = time.monotonic() + _JOINING
        while not ready():
            if time.monotonic() > until or (self._albums and self._albums.poll() is not None):
                logs = [self._log] if self._albums else [device.log for device in self._running]
                raise RuntimeError(complaint + "".join(map(_end_of, logs)))
            time.sleep(0.05)


def _end_of(log: Path) -> str:
    return f"\n{log}:\n{log.read_text(errors='replace')[-3000:]}"


async def _end_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _client(socket: Path) -> httpx.Client:
    transport = httpx.HTTPTransport(uds=str(socket))
    return httpx.Client(transport=transport, base_url=f"http://{devices.BOX}", timeout=30)
