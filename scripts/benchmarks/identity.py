"""Identity: what asking who is there costs a request, and how soon a blocked device is out.

The same server, the same endpoint, over unix sockets: once by the shell's door, where nobody is
asked for, and once as `tailscale serve` would hand it on, where the device is looked up in (a
double of) tailscaled and in the library.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from albums.identity.doors import serve_socket, shell_socket
from scripts.benchmarks.box import serving_tailnet
from scripts.benchmarks.table import Row
from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, PHONE

ASKED = "/api/v1/audit?limit=1"
REQUESTS = 400  # a round
ROUNDS = 6
CLIENTS = 4
BLOCKINGS = 20


def run(scratch: Path) -> list[Row]:
    library = scratch / "identity"
    shutil.rmtree(library, ignore_errors=True)
    library.mkdir()
    with (
        Tailscaled(library / "tailscaled.sock") as daemon,
        serving_tailnet(library, ALBUMS_TAILSCALE_SOCKET=str(daemon.path)),
        _line(shell_socket(library)) as shell,
        _line(serve_socket(library), **{"x-forwarded-for": PHONE.addresses[0]}) as phone,
    ):
        owner = {"user_id": ALICE.id, "login": ALICE.login}
        shell.post("/api/v1/owner", json=owner).raise_for_status()
        off, on = _latencies(shell, phone)
        rates = _rates(library)
        blocked = sorted(_seconds_to_refusal(shell, phone) for _ in range(BLOCKINGS))
    added = _p95(on) - _p95(off)
    median = statistics.median(on) - statistics.median(off)
    return [
        Row("a request without / with identity, p50", _both(statistics.median, off, on)),
        Row("a request without / with identity, p95", _both(_p95, off, on)),
        Row(
            "added by identity, warm: p50 / p95",
            f"{median:.2f} / {added:.2f} ms",
            "aim: at most 1 ms p95",
        ),
        Row(
            f"requests/s without / with identity, {CLIENTS} clients",
            f"{rates[0]:.0f} / {rates[1]:.0f}",
        ),
        Row("with / without", f"{rates[1] / rates[0]:.2f} x", "aim: at least 0.9"),
        Row(
            f"from blocking a device to its first refusal, worst of {BLOCKINGS}",
            f"{blocked[-1] * 1000:.0f} ms",
            "aim: at most 1 s",
        ),
    ]


@contextmanager
def _line(socket: Path, **headers: str) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(uds=str(socket))
    with httpx.Client(
        transport=transport, base_url="http://localhost", headers=headers, timeout=30
    ) as client:
        yield client


def _latencies(shell: httpx.Client, phone: httpx.Client) -> tuple[list[float], list[float]]:
    """Milliseconds of each request; the two take turns, so that noise hits both."""
    off: list[float] = []
    on: list[float] = []
    for _ in range(REQUESTS * ROUNDS):
        off.append(_milliseconds(shell))
        on.append(_milliseconds(phone))
    return off[REQUESTS:], on[REQUESTS:]


def _milliseconds(client: httpx.Client) -> float:
    began = time.perf_counter()
    client.get(ASKED).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _rates(library: Path) -> tuple[float, float]:
    """Requests a second, the best of some rounds that take turns."""
    doors: list[tuple[Path, dict[str, str]]] = [
        (shell_socket(library), {}),
        (serve_socket(library), {"x-forwarded-for": PHONE.addresses[0]}),
    ]
    best = [0.0, 0.0]
    for _ in range(ROUNDS):
        for number, (door, headers) in enumerate(doors):
            best[number] = max(best[number], _rate(door, headers))
    return best[0], best[1]


def _rate(door: Path, headers: dict[str, str]) -> float:
    def many(_: int) -> None:
        with _line(door, **headers) as client:
            for _ in range(REQUESTS // CLIENTS):
                client.get(ASKED).raise_for_status()

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(many, range(CLIENTS)))
    return REQUESTS / (time.perf_counter() - began)


def _seconds_to_refusal(shell: httpx.Client, phone: httpx.Client) -> float:
    """The clock starts when the owner's act is sent, not when it is answered."""
    device = f"/api/v1/devices/{PHONE.stable_id}"
    phone.get(ASKED).raise_for_status()
    began = time.perf_counter()
    shell.patch(device, json={"rights": "blocked"}).raise_for_status()
    while phone.get(ASKED).status_code != 403:
        pass
    took = time.perf_counter() - began
    shell.patch(device, json={"rights": "owner"}).raise_for_status()
    return took


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _both(figure: object, off: list[float], on: list[float]) -> str:
    assert callable(figure)
    return f"{figure(off):.2f} / {figure(on):.2f} ms"
