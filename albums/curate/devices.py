"""Whose box this is, and what each of the owner's devices may do, as the person says."""

from __future__ import annotations

from dataclasses import asdict

from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict
from albums.library.device_records import LONGEST_NAME, cleaned
from albums.library.devices import Change, Device, Devices, Owner, Rights

_DONE: dict[Rights, str] = {
    "owner": "allowed-device",
    "upload": "limited-device",
    "blocked": "blocked-device",
}
_LONGEST_INPUT = 10_000


def claim(rooms: Rooms, devices: Devices, user_id: int, login: str, display_name: str) -> Owner:
    """Make this user the owner of a box that has none; claiming it twice changes nothing.

    Raises Conflict when it belongs to somebody else.
    """
    with devices.change() as change:
        if change.owner and change.owner.user_id != user_id:
            raise Conflict(
                f"This box belongs to {_named(change.owner)}",
                why=f"It was claimed on {change.owner.claimed_at[:10]}",
                hint=f"If it should be {login}'s from now on: albums owner --change {login}",
                owner=asdict(change.owner),
            )
        if change.owner:
            return change.owner
        owner = change.claim(user_id, login, display_name)
        rooms.audit.record(
            change.db, rooms.actor, "claimed-box", login=owner.login, user_id=user_id
        )
    return owner


def change_owner(
    rooms: Rooms, devices: Devices, user_id: int, login: str, display_name: str
) -> Owner:
    """Make this user the owner, whoever it was: the devices of the one before stay outside."""
    with devices.change() as change:
        before = change.owner.login if change.owner else None
        owner = change.claim(user_id, login, display_name)
        rooms.audit.record(
            change.db, rooms.actor, "changed-owner",
            login=owner.login, user_id=user_id, before=before,
        )  # fmt: skip
    return owner


def edit(
    rooms: Rooms,
    devices: Devices,
    stable_id: str,
    *,
    name: str | None = None,
    rights: Rights | None = None,
    asking: str | None = None,
) -> Device:
    """Rename a device or change its rights; None leaves as it is. `asking` is the device that
    this is said with.

    A name that another device has becomes "name-2". Raises NotFound, BadInput for a name that
    cannot be one, Conflict when the asking device would shut itself out.
    """
    with devices.change() as change:
        device = change.get(stable_id)
        if rights and rights != device.rights:
            device = _set_rights(rooms, change, device, rights, asking)
        if name is not None:
            device = _rename(rooms, change, device, name)
    return device


def forget(rooms: Rooms, devices: Devices, stable_id: str) -> Device:
    """Take a device off the list. When it comes again it is new, and may do what the owner may.

    Raises NotFound, and Conflict for one with fewer rights: it would come back with all.
    """
    with devices.change() as change:
        device = change.get(stable_id)
        if device.rights != "owner":
            held = "is blocked" if device.rights == "blocked" else "may only upload"
            raise Conflict(
                f"{device.name} {held}, and only this list remembers that",
                why="Forgotten, it would come back with all rights",
                hint="Remove it from your tailnet first; then allow it here, and forget it",
            )
        change.forget(stable_id)
        _record(rooms, change, "forgot-device", device)
    return device


def _set_rights(
    rooms: Rooms, change: Change, device: Device, rights: Rights, asking: str | None
) -> Device:
    if device.stable_id == asking and rights != "owner":
        raise Conflict(
            f"{device.name} is the device that you are using now",
            why="It would shut itself out, and could not let itself in again",
            hint="Do it on another of your devices, or with `albums devices` on the box",
        )
    changed = change.set_rights(device.stable_id, rights)
    _record(rooms, change, _DONE[rights], changed, before=device.rights)
    return changed


def _rename(rooms: Rooms, change: Change, device: Device, name: str) -> Device:
    clean = cleaned(name, _LONGEST_INPUT)
    if not clean or len(clean) > LONGEST_NAME:
        raise BadInput(
            f"A device's name has 1 to {LONGEST_NAME} visible characters",
            why=f"This one has {len(clean)}",
        )
    changed = change.rename(device.stable_id, clean)
    if changed.name != device.name:
        _record(rooms, change, "renamed-device", changed, before=device.name)
    return changed


def _record(
    rooms: Rooms, change: Change, action: str, device: Device, before: str | None = None
) -> None:
    said = {"before": before} if before else {}
    rooms.audit.record(
        change.db, rooms.actor, action, device=device.name, id=device.stable_id, **said
    )


def _named(owner: Owner) -> str:
    """ "Ann Lee (ann@example.com)"."""
    return f"{owner.display_name} ({owner.login})" if owner.display_name else owner.login
