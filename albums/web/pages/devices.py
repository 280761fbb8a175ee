"""The devices page: who came in, what each may do, and forms to change it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import devices as curate
from albums.errors import AlbumsError
from albums.library.devices import Devices
from albums.web.api.devices import AskingDevice, DeviceId, KnownDevices, as_json
from albums.web.pages.render import render
from albums.web.request import Opened, PersonsRooms

router = APIRouter()
Act = Literal["rename", "owner", "upload", "blocked", "forget"]
_SYSTEMS = {
    "android": "Android",
    "ios": "iOS",
    "ipados": "iPadOS",
    "linux": "Linux",
    "macos": "macOS",
    "tvos": "tvOS",
    "windows": "Windows",
}
_UNITS = (("year", 31_557_600), ("month", 2_629_800), ("day", 86_400), ("hour", 3600))


@router.get("/devices")
def devices(
    request: Request, albums: Opened, devices: KnownDevices, asking: AskingDevice
) -> Response:
    return _page(request, albums, devices, asking)


@router.post("/devices/{device_id}")
def change(
    request: Request,
    device_id: DeviceId,
    act: Annotated[Act, Form()],
    albums: Opened,
    devices: KnownDevices,
    asking: AskingDevice,
    rooms: PersonsRooms,
    name: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """One press of a button. What cannot be done is said above the list."""
    try:
        if act == "forget":
            curate.forget(rooms, devices, device_id)
        elif act == "rename":
            curate.edit(rooms, devices, device_id, name=name)
        else:
            curate.edit(rooms, devices, device_id, rights=act, asking=asking)
    except AlbumsError as error:
        return _page(request, albums, devices, asking, error)
    return RedirectResponse("/devices", 303)


def _page(
    request: Request,
    albums: Opened,
    devices: Devices,
    asking: str | None,
    error: AlbumsError | None = None,
) -> Response:
    shown = [as_json(devices, device, asking) for device in devices.all()]
    for device in shown:
        device["seen"] = ago(device["last_seen"])
        first = datetime.fromisoformat(device["first_seen"]).astimezone(albums.tools.home)
        device["since"] = f"{first.day} {first:%B} {first.year}"
        device["kind"] = _kind(device)
    status = error.status if error else 200
    return render(request, "devices.html", status, devices=shown, owner=devices.owner, error=error)


def _kind(device: dict[str, Any]) -> str:
    """ "SM-S921U · Android"."""
    system = _SYSTEMS.get(device["os"].lower(), device["os"])
    return " · ".join(word for word in (device["model"], system) if word)


def ago(iso: str, at: datetime | None = None) -> str:
    """ "5 minutes ago"; `at` is now unless a test says otherwise."""
    seconds = ((at or datetime.now(UTC)) - datetime.fromisoformat(iso)).total_seconds()
    if seconds < 120:
        return "a moment ago"
    for unit, length in (*_UNITS, ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "a moment ago"
