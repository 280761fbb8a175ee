"""What the box is doing, what it has, and how it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.library.plots import Plots
from albums.upkeep import backup
from albums.web.api.devices import KnownDevices
from albums.web.pages.render import render
from albums.web.pages.work import steps_now
from albums.web.request import Opened, Whole
from albums.web.worries import notices

router = APIRouter()


@dataclass(frozen=True)
class Storage:
    """Bytes of the disk that the library lies on."""

    total: int
    free: int
    originals: int

    @property
    def others(self) -> int:
        """Whatever else lies there, our pictures among it."""
        return max(0, self.total - self.free - self.originals)


@router.get("/dashboard/")
def dashboard(request: Request, albums: Opened, overview: Whole, devices: KnownDevices) -> Response:
    numbers = overview.numbers()
    disk = shutil.disk_usage(albums.settings.library)
    drawn: Plots = request.app.state.plots.get()
    return render(
        request,
        "dashboard.html",
        whole=numbers.assets,
        steps=steps_now(request, numbers.work),
        idle=numbers.idle,
        paused=albums.runner.paused,
        storage=Storage(disk.total, disk.free, numbers.assets["bytes"]),
        plots=drawn,
        health=notices(request.app, request.app.state.tailnet.known()),
        backups=_backups(albums),
        devices=sorted(devices.all(), key=lambda device: device.last_seen or "", reverse=True),
    )


@router.get("/dashboard/work")
def work(request: Request, albums: Opened, overview: Whole) -> Response:
    """The part that changes while one looks."""
    numbers = overview.numbers()
    return render(
        request,
        "parts/work.html",
        steps=steps_now(request, numbers.work),
        idle=numbers.idle,
        paused=albums.runner.paused,
    )


def _backups(albums: Opened) -> list[dict[str, Any]]:
    """Each place with its last backup and its last drill, and how many days ago that was."""
    record = backup.read_record(albums.settings.library)
    return [
        {
            "target": target,
            "made": _days((about.get("last_backup") or {}).get("at")),
            "drill": _days((about.get("last_drill") or {}).get("at")),
            "whole": (about.get("last_drill") or {}).get("whole"),
        }
        for target, about in record.items()
    ]


def _days(at: str | None) -> int | None:
    return (datetime.now(UTC) - datetime.fromisoformat(at)).days if at else None
