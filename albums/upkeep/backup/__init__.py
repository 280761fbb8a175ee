"""Copies of the whole library on other disks: made while it is in use, tried, and brought back.

`make.py` is how one comes about and `folder.py` what lies where in it; `check.py` is the drill,
`restore.py` the way back, `record.py` what the library remembers of all that. `jobs.py` runs them
inside the box, `clock.py` when they are due.
"""

from albums.upkeep.backup.check import check_backup
from albums.upkeep.backup.clock import BackupClock
from albums.upkeep.backup.folder import BackupFolder
from albums.upkeep.backup.jobs import Backups
from albums.upkeep.backup.make import back_up
from albums.upkeep.backup.record import notice, read_record
from albums.upkeep.backup.restore import restore_library

__all__ = [
    "BackupClock",
    "BackupFolder",
    "Backups",
    "back_up",
    "check_backup",
    "notice",
    "read_record",
    "restore_library",
]
