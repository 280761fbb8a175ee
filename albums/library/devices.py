"""The owner and their devices: rows, the file that outlives them, and what the gate asks.

Every request asks who may come in, so the answer lies in memory: `get` is one look-up. What a
person does is a transaction and `devices.json`, both fsynced, then visible; that a device was seen
is written by `flush`, now and then.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from albums.errors import AlbumsError, NotFound
from albums.library.assets import now
from albums.library.database import Library
from albums.library.device_records import (
    LONGEST_NAME,
    LONGEST_WORD,
    Device,
    Owner,
    Rights,
    as_bytes,
    cleaned,
    put_owner,
    put_rows,
    read_file,
    read_rows,
)

__all__ = ["Change", "Device", "Devices", "Owner", "Rights"]

log = logging.getLogger(__name__)

_SEEN_EVERY = 60.0  # seconds between two changes of last_seen
_NO_NAME = "device"


@dataclass
class Change:
    """What a person is changing: nothing of it counts before the block of `change()` ends well."""

    db: sqlite3.Connection
    owner: Owner | None
    devices: dict[str, Device]
    touched: set[str] = field(default_factory=set)

    def claim(self, user_id: int, login: str, display_name: str) -> Owner:
        """Make this user the owner, whoever was it before."""
        shown = cleaned(display_name, LONGEST_WORD)
        self.owner = Owner(user_id, cleaned(login, LONGEST_WORD), shown, now())
        return self.owner

    def rename(self, stable_id: str, name: str) -> Device:
        """A clean name; "-2" is added where another device has it. Raises NotFound."""
        device = self.get(stable_id)
        taken = _names(self.devices, stable_id)
        return self._put(replace(device, name=_unlike(name, taken), renamed=True))

    def set_rights(self, stable_id: str, rights: Rights) -> Device:
        """Raises NotFound."""
        return self._put(replace(self.get(stable_id), rights=rights))

    def forget(self, stable_id: str) -> Device:
        """It is new when it comes again. Raises NotFound."""
        device = self.get(stable_id)
        del self.devices[stable_id]
        self.touched.add(stable_id)
        return device

    def get(self, stable_id: str) -> Device:
        """Raises NotFound."""
        if stable_id not in self.devices:
            raise NotFound(f"There is no device {stable_id!r}", hint="It may be forgotten already")
        return self.devices[stable_id]

    def _put(self, device: Device) -> Device:
        self.devices[device.stable_id] = device
        self.touched.add(device.stable_id)
        return device


class Devices:
    """Loads once. `file` is the copy that a lost database is filled from; `replace_file` puts
    bytes in its place so that they stay there. For use by any number of threads."""

    def __init__(
        self, library: Library, file: Path, replace_file: Callable[[Path, bytes], None]
    ) -> None:
        self._library = library
        self._file = file
        self._replace_file = replace_file
        self._changing = threading.Lock()  # one person's act or flush at a time
        self._lock = threading.Lock()  # held for moments: what is in memory is being replaced
        self._noted: dict[str, tuple[tuple[object, ...], float]] = {}  # as said, and until when
        self._unwritten: set[str] = set()
        self._file_is_behind = False
        self._owner, self._devices = self._load()

    @property
    def owner(self) -> Owner | None:
        """None: nobody has claimed this box."""
        return self._owner

    def get(self, stable_id: str) -> Device | None:
        """One look-up in memory."""
        return self._devices.get(stable_id)

    def all(self) -> list[Device]:
        """The last seen first."""
        return sorted(self._devices.values(), key=lambda d: (d.last_seen, d.name), reverse=True)

    def seen(
        self, stable_id: str, *, name: str, model: str, os: str, user_id: int, login: str
    ) -> Device:
        """This device is here now. A new one may do what its owner may. Returns from memory."""
        said = (name, model, os, user_id, login)
        before, until = self._noted.get(stable_id, ((), 0.0))
        device = self._devices.get(stable_id)
        if device and before == said and time.monotonic() < until:
            return device
        model, os, login = (cleaned(word, LONGEST_WORD) for word in (model, os, login))
        with self._lock:
            device = self._devices.get(stable_id) or Device(
                stable_id, "", model, os, user_id, login, now(), "", "owner", renamed=False
            )
            named = self._named(device, cleaned(name, LONGEST_NAME))
            device = replace(
                named, model=model, os=os, user_id=user_id, login=login, last_seen=now()
            )
            self._show(device)
            self._noted[stable_id] = (said, time.monotonic() + _SEEN_EVERY)
        return device

    @contextmanager
    def change(self) -> Iterator[Change]:
        """What a person does: rows and file when the block ends, then visible. All or nothing."""
        with self._changing:
            with self._library.write() as db:
                change = Change(db, self._owner, dict(self._devices))
                yield change
                self._write(change)
            self._publish(change)

    def flush(self) -> None:
        """Write down who was seen since the last time. What cannot be written waits for the next
        time; the log says why."""
        with self._changing:
            with self._lock:
                waiting, self._unwritten = self._unwritten, set()
                behind, self._file_is_behind = self._file_is_behind, False
                owner, devices = self._owner, self._devices
            if not waiting:
                return
            try:
                with self._library.write(durable=behind) as db:
                    put_rows(db, [devices[key] for key in waiting if key in devices])
                    if behind:
                        self._replace_file(self._file, as_bytes(owner, devices.values()))
            except (AlbumsError, OSError) as error:
                log.warning("%d devices that came in are not written down: %s", len(waiting), error)
                with self._lock:
                    self._unwritten |= waiting
                    self._file_is_behind |= behind

    def _named(self, device: Device, tailnet_name: str) -> Device:
        if device.name and (device.renamed or device.tailnet_name == tailnet_name):
            return replace(device, tailnet_name=tailnet_name)
        taken = _names(self._devices, device.stable_id)
        name = _unlike(tailnet_name or _NO_NAME, taken)
        return replace(device, name=name, tailnet_name=tailnet_name)

    def _show(self, device: Device) -> None:
        """Readers have the old dictionary or the new one, never one that changes under them."""
        before = self._devices.get(device.stable_id)
        when = device.last_seen
        if before is None or replace(before, last_seen=when) != device:
            self._file_is_behind = True
        self._unwritten.add(device.stable_id)
        self._devices = {**self._devices, device.stable_id: device}

    def _write(self, change: Change) -> None:
        kept = [change.devices[key] for key in change.touched if key in change.devices]
        gone = [(key,) for key in change.touched if key not in change.devices]
        put_rows(change.db, kept)
        change.db.executemany("delete from devices where stable_id = ?", gone)
        put_owner(change.db, change.owner)
        self._replace_file(self._file, as_bytes(change.owner, change.devices.values()))

    def _publish(self, change: Change) -> None:
        with self._lock:
            self._owner = change.owner
            for key in change.touched:
                if key not in change.devices:
                    self._devices = {k: d for k, d in self._devices.items() if k != key}
                    self._unwritten.discard(key)
                    self._noted.pop(key, None)
                else:
                    self._publish_device(change.devices[key])

    def _publish_device(self, device: Device) -> None:
        """While it was written, it may have been seen, or a new one may have taken its name."""
        name = _unlike(device.name, _names(self._devices, device.stable_id))
        seen = self._devices[device.stable_id].last_seen
        shown = replace(device, name=name, last_seen=seen)
        if shown == device:
            self._devices = {**self._devices, device.stable_id: device}
        else:
            self._show(shown)

    def _load(self) -> tuple[Owner | None, dict[str, Device]]:
        with self._library.read() as db:
            owner, devices = read_rows(db)
        listed = read_file(self._file)
        if owner or devices:
            if listed is None:
                self._replace_file(self._file, as_bytes(owner, devices))
        elif listed:
            owner, devices = listed
            with self._library.write() as db:
                put_owner(db, owner)
                put_rows(db, devices)
            log.warning("The owner and %d devices were read from %s", len(devices), self._file)
        return owner, {device.stable_id: device for device in devices}


def _unlike(name: str, taken: set[str]) -> str:
    """`name`, or the first of name-2, name-3 ... that nobody has, whatever the case."""
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        ending = f"-{number}"
        found = name[: LONGEST_NAME - len(ending)].rstrip() + ending
    return found


def _names(devices: Mapping[str, Device], but: str) -> set[str]:
    return {device.name.casefold() for key, device in devices.items() if key != but}
