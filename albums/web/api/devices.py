"""The owner of this box, and the devices that came in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from albums.curate import devices as curate
from albums.errors import BadInput
from albums.library.devices import Device, Devices, Rights
from albums.web.errors import errors
from albums.web.request import Called, PersonsRooms

router = APIRouter(tags=["devices"])
DeviceId = Annotated[
    str,
    Path(
        description="Tailscale's stable id of the device",
        pattern="^[!-~]{1,255}$",
        examples=["nAbCdEf3CNTRL"],
    ),
]
_DEVICE: dict[str, Any] = {
    "id": "nAbCdEf3CNTRL",
    "name": "galaxy-s24",
    "tailnet_name": "galaxy-s24",
    "model": "SM-S921U",
    "os": "android",
    "login": "ann@example.com",
    "owners": True,
    "first_seen": "2026-04-26T18:42:11+00:00",
    "last_seen": "2026-11-20T07:03:00+00:00",
    "rights": "owner",
    "renamed": False,
    "this": True,
}
_OWNER: dict[str, Any] = {
    "user_id": 123456789012345,
    "login": "ann@example.com",
    "display_name": "Ann Lee",
    "claimed_at": "2026-04-26T18:40:02+00:00",
}


class DeviceAnswer(BaseModel):
    """A device that came in, and what it may do."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DEVICE]})

    id: str = Field(description="Tailscale's stable id")
    name: str = Field(description="unique here; photos say that they came from it")
    tailnet_name: str = Field(description="what the tailnet calls it")
    model: str
    os: str
    login: str = Field(description="the user it belonged to when it was last seen")
    owners: bool = Field(description="false: that user is not the owner, so it stays outside")
    first_seen: str = Field(description="UTC")
    last_seen: str = Field(description="UTC, to the minute")
    rights: Rights = Field(
        description="owner: all that the owner may. upload: bring photos, see none. blocked: none"
    )
    renamed: bool = Field(description="the person gave the name; it wins over the tailnet's")
    this: bool = Field(description="the device that asks")


class DevicesAnswer(BaseModel):
    """All devices that ever came in, the last seen first."""

    devices: list[DeviceAnswer]


class DeviceEdit(BaseModel):
    """What to change. Leave out what stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Ann's phone"}, {"rights": "blocked"}]},
    )

    name: str | None = Field(None, max_length=1000, description='taken: "-2" is added')
    rights: Rights | None = None


class ForgottenDevice(BaseModel):
    """Which device was forgotten."""

    id: str = Field(examples=["nAbCdEf3CNTRL"])
    name: str = Field(examples=["galaxy-s24"])


class OwnerFacts(BaseModel):
    """Whose box this is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OWNER]})

    user_id: int = Field(description="Tailscale's number of the user")
    login: str
    display_name: str
    claimed_at: str = Field(description="UTC")


class OwnerAnswer(BaseModel):
    """The owner; null: nobody has claimed this box."""

    owner: OwnerFacts | None


class NewOwner(BaseModel):
    """Who the box shall belong to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{key: _OWNER[key] for key in ("user_id", "login", "display_name")}]
        },
    )

    user_id: int = Field(gt=0, lt=1 << 63)
    login: str = Field(min_length=1, max_length=200)
    display_name: str = Field("", max_length=200)
    change: bool = Field(False, description="also when the box belongs to somebody else")


def known_devices(request: HTTPConnection) -> Devices:
    """What the gate asks, too."""
    devices = request.app.state.devices
    assert isinstance(devices, Devices)
    return devices


def asking_device(called: Called) -> str | None:
    """The stable id of the device that asks; None: it is no device of the tailnet."""
    return called.device


KnownDevices = Annotated[Devices, Depends(known_devices)]
AskingDevice = Annotated[str | None, Depends(asking_device)]


@router.get("/devices", response_model=DevicesAnswer)
def list_devices(devices: KnownDevices, asking: AskingDevice) -> dict[str, Any]:
    """Every device that ever came in, with its rights."""
    return {"devices": [as_json(devices, device, asking) for device in devices.all()]}


@router.patch("/devices/{device_id}", response_model=DeviceAnswer, responses=errors(404, 409))
def edit_device(
    device_id: DeviceId,
    edit: DeviceEdit,
    devices: KnownDevices,
    asking: AskingDevice,
    rooms: PersonsRooms,
) -> dict[str, Any]:
    """Rename it, or change its rights: they count from the next request on.

    The device that asks cannot take its own rights.
    """
    if edit.name is None and edit.rights is None:
        raise BadInput("Nothing to change", hint="Give a name, rights, or both")
    device = curate.edit(
        rooms, devices, device_id, name=edit.name, rights=edit.rights, asking=asking
    )
    return as_json(devices, device, asking)


@router.delete("/devices/{device_id}", response_model=ForgottenDevice, responses=errors(404, 409))
def forget_device(
    device_id: DeviceId, devices: KnownDevices, rooms: PersonsRooms
) -> ForgottenDevice:
    """Take it off the list. When it comes again, it is new and may do all; so one that may not
    must be allowed first."""
    device = curate.forget(rooms, devices, device_id)
    return ForgottenDevice(id=device.stable_id, name=device.name)


@router.get("/owner", response_model=OwnerAnswer)
def read_owner(devices: KnownDevices) -> dict[str, Any]:
    """Whose box this is."""
    return {"owner": asdict(devices.owner) if devices.owner else None}


@router.post(
    "/owner",
    response_model=OwnerAnswer,
    responses=errors(403, 409),
)
def set_owner(new: NewOwner, devices: KnownDevices, rooms: PersonsRooms) -> dict[str, Any]:
    """Claim a box that belongs to nobody; with `change`, also one that belongs to somebody."""
    verb = curate.change_owner if new.change else curate.claim
    owner = verb(rooms, devices, new.user_id, new.login, new.display_name)
    return {"owner": asdict(owner)}


def as_json(devices: Devices, device: Device, asking: str | None) -> dict[str, Any]:
    """A device as DeviceAnswer says it."""
    known = asdict(device)
    user_id = known.pop("user_id")
    owner = devices.owner
    return known | {
        "id": known.pop("stable_id"),
        "owners": owner is not None and owner.user_id == user_id,
        "this": device.stable_id == asking,
    }
