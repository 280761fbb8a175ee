"""What the person says about owner and devices, and what the log says afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.assembly import Albums
from albums.curate import devices as curate
from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.device_records import LONGEST_NAME
from albums.library.devices import Devices

ANN = (7, "ann@example.com", "Ann Lee")
BEN = (8, "ben@example.com", "")


@pytest.fixture
def devices(albums: Albums) -> Devices:
    for key, name in (("n1", "galaxy-s24"), ("n2", "tablet")):
        albums.devices.seen(
            key, name=name, model="", os="android", user_id=7, login="ann@example.com"
        )
    return albums.devices


def logged(rooms: Rooms) -> list[tuple[str, dict[str, Any]]]:
    """Oldest first."""
    return [(entry.action, entry.detail) for entry in reversed(rooms.audit.entries())]


def test_the_first_claim_counts(rooms: Rooms, devices: Devices) -> None:
    owner = curate.claim(rooms, devices, *ANN)
    assert devices.owner == owner
    assert curate.claim(rooms, devices, *ANN) == owner
    with pytest.raises(Conflict) as refused:
        curate.claim(rooms, devices, *BEN)
    assert "Ann Lee (ann@example.com)" in str(refused.value)
    assert "albums owner --change ben@example.com" in str(refused.value)
    assert devices.owner == owner
    assert logged(rooms) == [("claimed-box", {"login": "ann@example.com", "user_id": 7})]


def test_the_box_can_change_hands(rooms: Rooms, devices: Devices) -> None:
    curate.claim(rooms, devices, *ANN)
    curate.change_owner(rooms, devices, *BEN)
    assert devices.owner
    assert (devices.owner.user_id, devices.owner.login) == BEN[:2]
    assert logged(rooms)[-1] == (
        "changed-owner",
        {"login": "ben@example.com", "user_id": 8, "before": "ann@example.com"},
    )


def test_rights_and_names_are_changed_and_logged(rooms: Rooms, devices: Devices) -> None:
    curate.edit(rooms, devices, "n1", name="  Ann's\tphone ", rights="upload", asking="n2")
    curate.edit(rooms, devices, "n1", rights="blocked")
    curate.edit(rooms, devices, "n1", name="Ann's phone", rights="blocked")
    curate.edit(rooms, devices, "n1", rights="owner")
    curate.forget(rooms, devices, "n1")
    said = [(action, detail["device"], detail.get("before")) for action, detail in logged(rooms)]
    assert said == [
        ("limited-device", "galaxy-s24", "owner"),
        ("renamed-device", "Ann's phone", "galaxy-s24"),
        ("blocked-device", "Ann's phone", "upload"),
        ("allowed-device", "Ann's phone", "blocked"),
        ("forgot-device", "Ann's phone", None),
    ]
    assert devices.get("n1") is None
    assert rooms.audit.check() == []


@pytest.mark.parametrize("rights", ["blocked", "upload"])
def test_a_device_cannot_shut_itself_out(rooms: Rooms, devices: Devices, rights: Any) -> None:
    with pytest.raises(Conflict, match="galaxy-s24 is the device that you are using"):
        curate.edit(rooms, devices, "n1", name="mine", rights=rights, asking="n1")
    device = devices.get("n1")
    assert device
    assert (device.name, device.rights) == ("galaxy-s24", "owner")
    assert logged(rooms) == []
    assert (
        curate.edit(rooms, devices, "n1", name="mine", rights="owner", asking="n1").name == "mine"
    )


@pytest.mark.parametrize("rights", ["blocked", "upload"])
def test_forgetting_does_not_give_rights_back(rooms: Rooms, devices: Devices, rights: Any) -> None:
    curate.edit(rooms, devices, "n1", rights=rights)
    with pytest.raises(Conflict, match="would come back with all rights"):
        curate.forget(rooms, devices, "n1")
    assert devices.get("n1")


def test_a_name_that_another_device_has_gets_a_number(rooms: Rooms, devices: Devices) -> None:
    assert curate.edit(rooms, devices, "n1", name="TABLET").name == "TABLET-2"
    long = "x" * LONGEST_NAME
    curate.edit(rooms, devices, "n2", name=long)
    assert curate.edit(rooms, devices, "n1", name=long).name == long[:-2] + "-2"
    assert curate.edit(rooms, devices, "n1", name=long).name == long[:-2] + "-2"


@pytest.mark.parametrize("name", ["", "  ", "\x00\x1b\u202e", "x" * 65, "\ud800"])
def test_a_name_that_cannot_be_one_changes_nothing(
    rooms: Rooms, devices: Devices, name: str
) -> None:
    with pytest.raises(BadInput, match="1 to 64 visible characters"):
        curate.edit(rooms, devices, "n1", name=name, rights="blocked")
    device = devices.get("n1")
    assert device
    assert device.rights == "owner"


def test_there_must_be_such_a_device(rooms: Rooms, devices: Devices) -> None:
    for verb in (curate.edit, curate.forget):
        with pytest.raises(NotFound):
            verb(rooms, devices, "n9")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=90))
def test_any_text_is_a_clean_name_or_refused(rooms: Rooms, devices: Devices, name: str) -> None:
    try:
        shown = curate.edit(rooms, devices, "n1", name=name).name
    except BadInput:
        return
    assert shown == devices.get("n1").name  # type: ignore[union-attr]
    assert 0 < len(shown) <= LONGEST_NAME
    assert not any(ord(c) < 32 for c in shown)
    assert shown.casefold() != "tablet"
    assert rooms.audit.entries(limit=1)[0].detail["device"] is not None
