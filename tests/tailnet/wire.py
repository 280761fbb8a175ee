"""Listens on the wire between the devices, which share one namespace: its loopback."""

from __future__ import annotations

import contextlib
import socket
import threading

_ALL = 3  # ETH_P_ALL
_ETHERNET, _UDP, _UDP_HEADER = 14, 17, 8
_WIREGUARD_DATA = b"\x04\x00\x00\x00"  # message type 4 and three reserved bytes


class Wire:
    """`with Wire() as wire:` every packet meanwhile. `packets` is whole after the block."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        # As much as the system allows: nothing may be missed while this thread waits for its turn.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
        self._socket.bind(("lo", 0))
        self._socket.settimeout(0.5)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(TimeoutError):  # silence after the end is the end
            while True:
                self._hear()

    def _hear(self) -> None:
        try:
            packet, (_, _, kind, *_) = self._socket.recvfrom(65535)
        except TimeoutError:
            if self._done.is_set():
                raise
            return
        if kind != socket.PACKET_OUTGOING:  # on loopback each is seen twice
            self.packets.append(packet)

    def sealed(self) -> int:
        """Bytes that went by in WireGuard's data messages."""
        return sum(len(p) for p in self.packets if _is_sealed(p))

    def open(self) -> int:
        """Bytes of everything else."""
        return sum(len(p) for p in self.packets if not _is_sealed(p))


def _is_sealed(frame: bytes) -> bool:
    return _udp_payload(frame[_ETHERNET:]).startswith(_WIREGUARD_DATA)


def _udp_payload(packet: bytes) -> bytes:
    if packet[0] >> 4 != 4 or packet[9] != _UDP:
        return b""
    return packet[(packet[0] & 15) * 4 + _UDP_HEADER :]
