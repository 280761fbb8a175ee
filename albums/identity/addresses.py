"""Addresses in the form in which tailscaled knows them."""

from __future__ import annotations

import ipaddress


def normal_address(address: str) -> str | None:
    """IP or IP:port as tailscaled knows it: no IPv4 inside IPv6, no scope. None: no address."""
    host, port = _split(address)
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if port is None:
        return str(ip)
    if not (port.isascii() and port.isdecimal() and int(port[:6]) < 1 << 16):
        return None
    return f"{ip}:{int(port)}" if ip.version == 4 else f"[{ip}]:{int(port)}"


def _split(address: str) -> tuple[str, str | None]:
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        return host, port.removeprefix(":") if port else None
    if address.count(":") == 1:
        host, _, port = address.partition(":")
        return host, port
    return address, None
