"""The guard: from its call on, this process opens connections only to this machine and the tailnet.

It is an audit hook of the interpreter, which nothing can take out again: whatever Python code asks
for a socket, a connection or a name passes it. It does not see C libraries that bring their own
network code (libcurl, uvloop), nor other processes; against those stand the name look-up that is
cut off in libc, the decoders' system-call filter (media/seccomp.py), and `IPAddressDeny=` in
systemd's unit. A program that wants to break out of its own interpreter can; one that merely
reports home cannot.
"""

from __future__ import annotations

import _socket
import ctypes
import errno
import functools
import ipaddress
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

from albums.identity.egress_log import Egress
from albums.identity.offline import go_offline

__all__ = ["CloudCallStopped", "Egress", "guard", "guarding"]

TAILNET = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("fd7a:115c:a1e0::/48"))
_INTERNET = {int(socket.AF_INET), int(socket.AF_INET6)}
# Families that end inside this machine. All others (packets, Bluetooth, virtual machines) leave it.
_INSIDE = {
    int(getattr(socket, name))
    for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG", "AF_SYSTEM")
    if hasattr(socket, name)
}
_BY_NUMBER = -1  # socket(fileno=...): a socket that was there already
_DNS = 53
_REVERSIBLE = {"127.0.0.1", "::1", "localhost"}  # in every hosts file; others would be asked for
# CPython looks a name up before it tells the audit hook. Method -> how many arguments it has when
# the last one is an address.
_LOOKS_UP = {"connect": (1,), "connect_ex": (1,), "bind": (1,), "sendto": (2, 3), "sendmsg": (4,)}
_family_of: Callable[[Any], int] = _socket.socket.family.__get__


class CloudCallStopped(PermissionError):
    """Something in this process wanted to leave the machine."""


_current: Egress | None = None
_arming = threading.Lock()


def guard(log: Path) -> Egress:
    """Arms this process for good; what it stops is counted in `log` (JSON lines).

    Calling again changes nothing but the log, if that is another one. Never raises.
    """
    global _current
    with _arming:
        armed = _current is not None
        if _current is None or _current.file != log:
            _current = Egress(log)
        if not armed:
            go_offline()
            _look_up_names_in_files_only()
            _look_before_names_are_looked_up()
            sys.addaudithook(_hook)
        return _current


def guarding() -> Egress | None:
    """The guard of this process, if it is armed."""
    return _current


def _check_family(arguments: tuple[Any, ...]) -> None:
    family = int(arguments[1])
    if family not in _INTERNET and family not in _INSIDE and family != _BY_NUMBER:
        _stop(f"a socket of family {family}")


def _check_peer(arguments: tuple[Any, ...]) -> None:
    sock, address = arguments[:2]
    if address is None:  # the socket is connected already
        return
    family = _family_of(sock)
    if family in _INSIDE:
        return
    if family not in _INTERNET:
        _stop(f"{address!r} over family {family}")
    host, port = _text(address[0]), address[1]
    # Who listens on port 53 of this machine, or as 100.100.100.100, passes the question on.
    if port == _DNS or _where(host) != "here":
        _stop(f"{host} port {port}")


def _check_name(arguments: tuple[Any, ...]) -> None:
    if arguments[0] is not None and _where(_text(arguments[0])) != "here":
        _stop(f"the name server, about {_text(arguments[0])}")


def _check_reverse(arguments: tuple[Any, ...]) -> None:
    address = arguments[0]
    host = _text(address[0] if isinstance(address, tuple) else address)
    if host not in _REVERSIBLE:
        _stop(f"the name server, about {host}")


_CHECKS: dict[str, Callable[[tuple[Any, ...]], None]] = {
    "socket.__new__": _check_family,
    "socket.connect": _check_peer,
    "socket.sendto": _check_peer,
    "socket.sendmsg": _check_peer,
    "socket.getaddrinfo": _check_name,
    "socket.gethostbyname": _check_name,
    "socket.gethostbyaddr": _check_reverse,
    "socket.getnameinfo": _check_reverse,
}


def _hook(
    event: str,
    arguments: tuple[Any, ...],
    # Bound here, because the interpreter's last events come when this module is empty already.
    checks: dict[str, Callable[[tuple[Any, ...]], None]] = _CHECKS,
) -> None:
    check = checks.get(event)
    if check is not None:
        check(arguments)


@functools.lru_cache(maxsize=4096)
def _where(host: str) -> Literal["here", "away", "a name"]:
    """Here: loopback, the tailnet, and the "any" address: as a destination it is this machine."""
    if host in ("", "localhost"):
        return "here"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "a name"
    address = getattr(address, "ipv4_mapped", None) or address
    here = address.is_loopback or address.is_unspecified
    return "here" if here or any(address in network for network in TAILNET) else "away"


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "backslashreplace")
    return str(host)


def _stop(to: str) -> NoReturn:
    what = f"Albums stopped a call to {to}: nothing leaves this box"
    if _current is not None:
        _current.count(what, to)
    raise CloudCallStopped(errno.EPERM, what)


def _look_up_names_in_files_only() -> None:
    """Cuts DNS off in libc, also for C libraries. Where libc has no such switch, the hook stands
    alone."""
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None)
    if configure is not None:
        configure(b"hosts", b"files")


def _look_before_names_are_looked_up() -> None:
    for name, counts in _LOOKS_UP.items():
        setattr(socket.socket, name, _checking_names(getattr(socket.socket, name), counts))


def _checking_names(method: Callable[..., Any], counts: tuple[int, ...]) -> Callable[..., Any]:
    @functools.wraps(method)
    def checking(sock: socket.socket, *arguments: Any) -> Any:
        if len(arguments) in counts and _family_of(sock) in _INTERNET:
            address = arguments[-1]
            if isinstance(address, tuple) and address and _where(_text(address[0])) == "a name":
                _stop(f"the name server, about {_text(address[0])}")
        return method(sock, *arguments)

    return checking
