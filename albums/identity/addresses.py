"""Addresses in the form in which tailscaled knows them."""

from __future__ import annotations

import ipaddress
import re

_BRACKETED = re.compile(r"\[([^\[\]]*:[^\[\]]*)\](?::([0-9]{1,5}))?")  # "[::1]:5555"
_WITH_PORT = re.compile(r"([^:]*):([0-9]{1,5})")  # "127.0.0.1:5555"


def normal_address(address: str) -> str | None:
    """IP or IP:port as tailscaled knows it: no IPv4 inside IPv6, no scope. None: no address."""
    parts = _BRACKETED.fullmatch(address) or _WITH_PORT.fullmatch(address)
    host, port = parts.groups() if parts else (address, None)
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if port is None:
        return str(ip)
    if int(port) >= 1 << 16:
        return None
    return f"{ip}:{int(port)}" if ip.version == 4 else f"[{ip}]:{int(port)}"
