"""Run in a network of its own by test_own_addresses: a box with real 100.x addresses.

All devices are on this machine's loopback; each comes from its own address. Prints what each was
answered, as JSON.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import albums.cli.serving as cli_serving
from albums.cli.serving import Serving
from albums.identity import tailnet
from albums.settings import Settings
from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, BOX, PHONE, STRANGER

PORT = 8300
NOT_OURS = "100.64.9.9"


def main(place: Path) -> None:
    tailnet.STATUS_SECONDS = cli_serving.LOOK_AGAIN = 0.3  # nobody waits for 5 and 2 seconds here
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (PHONE.addresses[0], STRANGER.addresses[0], NOT_OURS, "10.1.2.3"):
        add(address)
    with Tailscaled(place / "d.sock") as daemon:
        settings = Settings(
            library=place / "library", workers=1, tailscale_socket=str(daemon.path), port=PORT
        )
        with closing(Serving(settings, working=False, tailnet=True)) as serving:
            with serving.albums.devices.change() as change:
                change.claim(ALICE.id, ALICE.login, ALICE.display_name)
            said = {"before it has its address": ask(PHONE.addresses[0])}
            for address in BOX.addresses:
                add(address)
            add(PHONE.addresses[1])
            until_it_listens()
            until_it_listens(PHONE.addresses[1], BOX.addresses[1])
            said |= {
                "phone": ask(PHONE.addresses[0]),
                "phone over IPv6": ask(PHONE.addresses[1], BOX.addresses[1]),
                "stranger": ask(STRANGER.addresses[0]),
                "the box itself": ask(BOX.addresses[0]),
                "unknown": ask(NOT_OURS),
                "not of the tailnet": ask("10.1.2.3"),
                "loopback": ask("127.0.0.1", "127.0.0.1"),
            }
            daemon.state = "Stopped"
            time.sleep(2)
            said["after Tailscale stopped"] = ask(PHONE.addresses[0])
            daemon.state = "Running"
            until_it_listens()
            said["after it started again"] = ask(PHONE.addresses[0])
    sys.stdout.write(json.dumps(said))


def add(address: str) -> None:
    bits = 128 if ":" in address else 32
    subprocess.run(["ip", "address", "add", f"{address}/{bits}", "dev", "lo"], check=True)


def ask(source: str, target: str = BOX.addresses[0]) -> str:
    """The status line, or why there is none."""
    try:
        with socket.create_connection((target, PORT), 5, (source, 0)) as line:
            host = f"[{target}]" if ":" in target else target
            line.sendall(
                f"GET /api/v1/status HTTP/1.1\r\nhost: {host}:{PORT}\r\n"
                f"x-forwarded-for: {PHONE.addresses[0]}\r\n\r\n".encode()
            )
            return line.recv(100).decode().split("\r\n")[0]
    except OSError as error:
        return type(error).__name__


def until_it_listens(source: str = PHONE.addresses[0], target: str = BOX.addresses[0]) -> None:
    deadline = time.monotonic() + 10
    while "200" not in ask(source, target):
        assert time.monotonic() < deadline
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
