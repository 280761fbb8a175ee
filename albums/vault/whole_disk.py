"""One sync of a whole file system instead of one of each file: syncfs(2).

Only where that promises as much as fsync does. File systems that hand files on to others (network,
FUSE such as mergerfs) may not hand on this call, so only those are asked whose kernel code does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import threading
from pathlib import Path

# f_type of statfs(2), Linux, include/uapi/linux/magic.h: ext2 to ext4, XFS, Btrfs.
_GOOD = {0xEF53, 0x58465342, 0x9123683E}
_REFUSED = {errno.ENOSYS, errno.EPERM}  # the call itself: by the kernel, or by a filter of calls
_SINCE = (5, 8)  # Linux; before, syncfs(2) says nothing of what could not be written

_libc = ctypes.CDLL(None, use_errno=True)
_asking = threading.Lock()
_failed = set[int]()  # devices


def sync_file_system(folder: Path) -> bool:
    """True: all that was written and renamed on the file system of `folder` survives a power cut.
    False: nothing is promised, sync each file by itself. Raises OSError where something could not
    be written: perhaps not by us, but the system may have forgotten it since.
    """
    with _asking:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            device = os.fstat(descriptor).st_dev
            if device in _failed or not _is_good(descriptor):
                return False
            if _libc.syncfs(descriptor) == 0:
                return True
            _failed.add(device)  # this is said once, but concerns who comes next as well
            error = ctypes.get_errno()
            if error in _REFUSED:
                return False
            raise OSError(error, os.strerror(error), str(folder))
        finally:
            os.close(descriptor)


def _is_good(descriptor: int) -> bool:
    if not hasattr(_libc, "syncfs") or _linux() < _SINCE:
        return False
    statfs = (ctypes.c_long * 64)()  # larger than struct statfs, which begins with f_type
    return _libc.fstatfs(descriptor, statfs) == 0 and statfs[0] & 0xFFFFFFFF in _GOOD


def _linux() -> tuple[int, ...]:
    system = os.uname()
    numbers = system.release.split(".")[:2]
    if system.sysname != "Linux" or not all(number.isdigit() for number in numbers):
        return (0, 0)
    return tuple(map(int, numbers))
