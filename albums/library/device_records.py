"""One owner, one device: what is known of them, as rows and as the file `devices.json`."""

from __future__ import annotations

import json
import logging
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from albums.library.assets import now

log = logging.getLogger(__name__)

Rights = Literal["owner", "upload", "blocked"]
LONGEST_NAME = 64
LONGEST_WORD = 200  # of a model, a system, a login: they come from other machines
_VERSION = 1


@dataclass(frozen=True)
class Owner:
    """Whose box this is. `user_id` decides; login and name are for people."""

    user_id: int
    login: str
    display_name: str
    claimed_at: str  # UTC, ISO 8601


@dataclass(frozen=True)
class Device:
    """One machine of the tailnet that came in. `rights` are what the owner lets it do."""

    stable_id: str
    name: str  # unique in this library, whatever the case
    model: str
    os: str
    user_id: int
    login: str
    first_seen: str  # UTC, ISO 8601
    last_seen: str
    rights: Rights
    renamed: bool  # the person gave the name; the tailnet's no longer counts
    tailnet_name: str = ""


def cleaned(text: str, longest: int) -> str:
    """One line of visible characters, cut to `longest`. May be empty."""
    visible = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    visible = unicodedata.normalize("NFC", visible)
    return " ".join(visible.split())[:longest].rstrip()


_COLUMNS = [f.name for f in fields(Device)]
_PUT = f"""insert or replace into devices ({", ".join(_COLUMNS)})
           values ({", ".join(f":{column}" for column in _COLUMNS)})"""


def put_rows(db: sqlite3.Connection, devices: Iterable[Device]) -> None:
    db.executemany(_PUT, [asdict(device) for device in devices])


def put_owner(db: sqlite3.Connection, owner: Owner | None) -> None:
    if owner:
        db.execute(
            """insert or replace into owner (id, user_id, login, display_name, claimed_at)
               values (1, :user_id, :login, :display_name, :claimed_at)""",
            asdict(owner),
        )


def read_rows(db: sqlite3.Connection) -> tuple[Owner | None, list[Device]]:
    row = db.execute("select user_id, login, display_name, claimed_at from owner").fetchone()
    devices = [
        Device(**{**dict(found), "renamed": bool(found["renamed"])})
        for found in db.execute(f"select {', '.join(_COLUMNS)} from devices")
    ]
    return (Owner(**dict(row)) if row else None), devices


def as_bytes(owner: Owner | None, devices: Iterable[Device]) -> bytes:
    content = {
        "version": _VERSION,
        "owner": asdict(owner) if owner else None,
        "devices": [asdict(device) for device in sorted(devices, key=lambda d: d.first_seen)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def read_file(file: Path) -> tuple[Owner | None, list[Device]] | None:
    """None: there is no such file, or it makes no sense and was set aside."""
    try:
        content = json.loads(file.read_bytes())
        if content["version"] != _VERSION:
            raise ValueError(f"version {content['version']!r} is not known")
        owner = _checked(Owner, content["owner"]) if content["owner"] else None
        return owner, [_checked(Device, device) for device in content["devices"]]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        aside = file.with_name(f"{file.name}.damaged-{now().replace(':', '')}")
        file.replace(aside)
        log.error(
            "%s is damaged (%s). It was set aside as %s: who owns this box and which devices are "
            "blocked is known only if the database is whole",
            file, error, aside.name,
        )  # fmt: skip
        return None


_TYPES: dict[str, type] = {"user_id": int, "renamed": bool}


def _checked(kind: Any, content: dict[str, Any]) -> Any:
    """Raises ValueError, KeyError where a field is missing or of another type."""
    values = {f.name: content[f.name] for f in fields(kind)}
    for name, value in values.items():
        if type(value) is not _TYPES.get(name, str):
            raise ValueError(f"{name} = {value!r}")
    if values.get("rights", "owner") not in get_args(Rights):
        raise ValueError(f"rights = {values['rights']!r}")
    return kind(**values)
