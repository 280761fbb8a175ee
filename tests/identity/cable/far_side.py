"""The other end of the box's only cable: gateway, name server, and a record of every packet.

`python far_side.py RECORD` runs in a network namespace of its own and makes a second one, the
box's, whose only way out leads here. Says the process id by which the box's can be entered.
"""

from __future__ import annotations

import ctypes
import ipaddress
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GATEWAY, BOX = "10.99.0.1", "10.99.0.2"
GATEWAY6, BOX6 = "fd99::1", "fd99::2"
MAC, BOX_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
NEIGHBOURS = {130, 131, 132, 133, 134, 135, 136, 143}  # ICMPv6 that the kernel itself sends
_PR_SET_PDEATHSIG = 1
_TO_OTHERS = 4  # PACKET_OUTGOING: what we sent


def main(record: Path) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # also when the tests are killed
    box = subprocess.Popen(["unshare", "--net", "sleep", "600"], stdout=subprocess.DEVNULL)
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{box.pid}/ns/net").readlink() == ours:
        time.sleep(0.01)
    _connect(box.pid)
    _name_ourselves_name_server()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as cable:
        cable.bind(("gate", 0))
        sys.stdout.write(f"{box.pid}\n")
        sys.stdout.flush()
        with record.open("a", buffering=1) as file:
            while True:
                frame, sender = cable.recvfrom(65535)
                if sender[2] != _TO_OTHERS:
                    file.write(json.dumps(describe(frame)) + "\n")


def describe(frame: bytes) -> str:
    """ "UDP 10.99.0.1 port 53", "IPv6 neighbours", "ARP"; anything else by its numbers."""
    kind = int.from_bytes(frame[12:14], "big")
    packet = frame[14:]
    if kind == 0x0800:
        rest, protocol, to = packet[(packet[0] & 15) * 4 :], packet[9], packet[16:20]
    elif kind == 0x86DD:
        rest, protocol, to = packet[40:], packet[6], packet[24:40]
        if protocol == 0:  # hop-by-hop options come before the kernel's multicast reports
            rest, protocol = rest[(rest[1] + 1) * 8 :], rest[0]
        if protocol == 58 and rest[0] in NEIGHBOURS:
            return "IPv6 neighbours"
    else:
        return "ARP" if kind == 0x0806 else f"frame of type {kind:#06x}"
    name = {6: "TCP", 17: "UDP"}.get(protocol, f"protocol {protocol}")
    return f"{name} {ipaddress.ip_address(to)} port {int.from_bytes(rest[2:4], 'big')}"


def _connect(box: int) -> None:
    inside = ["nsenter", "-t", str(box), "-n", "ip"]
    for command in (
        ["ip", "link", "add", "gate", "address", MAC, "type", "veth",
         "peer", "name", "cable", "address", BOX_MAC, "netns", str(box)],
        ["ip", "address", "add", f"{GATEWAY}/24", "dev", "gate"],
        ["ip", "address", "add", f"{GATEWAY6}/64", "dev", "gate", "nodad"],
        ["ip", "link", "set", "gate", "up"],
        [*inside, "link", "set", "lo", "up"],
        [*inside, "address", "add", f"{BOX}/24", "dev", "cable"],
        [*inside, "address", "add", f"{BOX6}/64", "dev", "cable", "nodad"],
        [*inside, "link", "set", "cable", "up"],
        # For good, or the two would ask for each other's address again now and then.
        ["ip", "neighbour", "add", BOX, "lladdr", BOX_MAC, "dev", "gate"],
        [*inside, "neighbour", "add", GATEWAY, "lladdr", MAC, "dev", "cable"],
        [*inside, "route", "add", "default", "via", GATEWAY],
        [*inside, "-6", "route", "add", "default", "via", GATEWAY6],
    ):  # fmt: skip
        subprocess.run(command, check=True)


def _name_ourselves_name_server() -> None:
    """Seen by this mount namespace only, which the box's processes enter as well."""
    for file, content in (
        ("/etc/resolv.conf", f"nameserver {GATEWAY}\noptions timeout:1 attempts:1\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ):
        if not Path(file).exists():
            continue
        with tempfile.NamedTemporaryFile("w", delete=False) as ours:
            ours.write(content)
        Path(ours.name).chmod(0o644)
        subprocess.run(["mount", "--bind", ours.name, file], check=True)
        Path(ours.name).unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
