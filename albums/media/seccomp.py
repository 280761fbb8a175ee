"""Takes the network away from this process for good, by a filter of system calls (Linux).

Unlike a network namespace it needs no privilege and no leave of the service manager.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
import sys
from typing import NamedTuple

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of the filter
_NUMBER, _ABI = 0, 4  # offsets in the kernel's struct seccomp_data
_X32 = 0x40000000  # x86-64 knows each call by a second number, from here on


class _Machine(NamedTuple):
    """What the kernel's audit.h and unistd.h say."""

    abi: int
    socket: int
    io_uring_setup: int  # a ring opens sockets without the system call


MACHINES = {"x86_64": _Machine(0xC000003E, 41, 425), "aarch64": _Machine(0xC00000B7, 198, 425)}


def leave_network() -> bool:
    """No new sockets of any family for this thread, those it starts, and their programs.

    False where the kernel or the processor does not allow that. Sockets already open stay so.
    """
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or sys.maxsize < 2**32:
        return False
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    code = _filter(machine)
    held = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: how many instructions, and where
    program = struct.pack("HP", len(code) // 8, ctypes.addressof(held))
    pointer = ctypes.create_string_buffer(program, len(program))
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    refused: int = prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(pointer), 0, 0)
    return refused == 0


def sockets_are_refused() -> bool:
    """Tried out, in this process."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except PermissionError:
        return True
    return False


def _filter(machine: _Machine) -> bytes:
    """Each instruction: code, instructions to skip if true, if false, operand."""
    instructions = (
        (_LOAD, 0, 0, _ABI),
        (_EQUAL, 0, 5, machine.abi),  # 32-bit calls have other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 3, 0, _X32),
        (_EQUAL, 2, 0, machine.socket),
        (_EQUAL, 1, 0, machine.io_uring_setup),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
