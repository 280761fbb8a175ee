"""Backups inside the box: started by its own shell, seen by the owner, and by the clock."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.errors import Conflict
from albums.upkeep.backup import BackupClock, Backups, back_up
from albums.upkeep.backup.record import FILE, notice, read_record
from tests.upkeep.backup.kept import Kept, flip


@pytest.fixture
def kept(albums: Albums, tmp_path: Path) -> Kept:
    return Kept(albums, tmp_path / "disk")


def finished(shell: httpx.Client, started: httpx.Response) -> dict[str, Any]:
    assert started.status_code == 202, started.text
    job: dict[str, Any] = started.json()
    deadline = time.monotonic() + 20
    while job["running"] and time.monotonic() < deadline:
        time.sleep(0.02)
        job = shell.get(f"/api/v1/backups/{job['id']}").json()
    assert not job["running"]
    return job


def test_a_backup_and_its_drill_run_in_the_box(shell: httpx.Client, kept: Kept) -> None:
    kept.take(b"one", b"two")
    target = str(kept.target)
    made = finished(shell, shell.post("/api/v1/backups", json={"target": target}))
    assert (made["error"], made["report"]["assets"]) == (None, 2)
    drill = finished(shell, shell.post("/api/v1/backups/checks", json={"target": target}))
    assert drill["report"]["whole"] is True
    answer = shell.get("/api/v1/backups").json()
    assert [job["kind"] for job in answer["jobs"]] == ["backup", "check"]
    [known] = answer["backups"]
    assert known["target"] == target
    assert known["last_backup"]["snapshot"] == made["report"]["snapshot"]
    assert known["last_good_drill"]["at"] == drill["report"]["at"]


def test_a_failed_drill_is_remembered_and_the_last_good_one_is_not_forgotten(
    shell: httpx.Client, kept: Kept
) -> None:
    kept.take(b"one")
    ask = {"target": str(kept.target)}
    finished(shell, shell.post("/api/v1/backups", json=ask))
    good = finished(shell, shell.post("/api/v1/backups/checks", json=ask))["report"]
    flip(next(kept.target.glob("originals/??/*")))
    bad = finished(shell, shell.post("/api/v1/backups/checks", json=ask))
    assert bad["error"] is None
    assert bad["report"]["whole"] is False
    [known] = shell.get("/api/v1/backups").json()["backups"]
    assert known["last_drill"]["damaged"] == bad["report"]["damaged"]
    assert known["last_good_drill"]["at"] == good["at"]
    finished(shell, shell.post("/api/v1/backups", json=ask))
    assert finished(shell, shell.post("/api/v1/backups/checks", json=ask))["report"]["whole"]


def test_an_error_of_the_disk_is_told(shell: httpx.Client, tmp_path: Path) -> None:
    job = finished(
        shell, shell.post("/api/v1/backups", json={"target": str(tmp_path / "no" / "disk")})
    )
    assert job["error_code"] == "bad-input"
    assert "Is the disk mounted?" in job["error"]


@pytest.mark.parametrize("target", ["", "relative", "/nul\0", "/\ud800"])
def test_a_target_that_is_none_is_refused(shell: httpx.Client, target: str) -> None:
    body = json.dumps({"target": target})
    answer = shell.post("/api/v1/backups", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad-input"


def test_a_running_backup_can_be_stopped_and_bars_another(
    shell: httpx.Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(*(f"photo {n}".encode() for n in range(5)))

    def slow(*given: Any, **named: Any) -> Any:
        show = named.pop("show")

        def crawl(progress: Any) -> None:
            time.sleep(0.2)
            show(progress)

        return back_up(*given, show=crawl, **named)

    monkeypatch.setattr("albums.upkeep.backup.jobs.back_up", slow)
    started = shell.post("/api/v1/backups", json={"target": str(kept.target)})
    assert shell.post("/api/v1/backups", json={"target": str(kept.target)}).status_code == 409
    shell.delete(f"/api/v1/backups/{started.json()['id']}")
    stopped = finished(shell, started)
    assert "stopped" in stopped["error"]
    time.sleep(0.15)
    again = shell.get(f"/api/v1/backups/{stopped['id']}").json()
    assert again["seconds"] == stopped["seconds"]  # how long it took, not since when it is over
    assert not list(kept.target.rglob("manifest.jsonl"))


def test_only_the_shell_may_start_one(client: TestClient, tmp_path: Path) -> None:
    for path in ("/api/v1/backups", "/api/v1/backups/checks"):
        assert client.post(path, json={"target": str(tmp_path / "disk")}).status_code == 403
    assert client.delete("/api/v1/backups/3f9a1c20b7de").status_code == 403
    assert client.get("/api/v1/backups").status_code == 200
    assert client.get("/api/v1/backups/3f9a1c20b7de").status_code == 404
    assert not (tmp_path / "disk").exists()


def clock_of(kept: Kept, **wanted: Any) -> BackupClock:
    settings = replace(kept.albums.settings, backup_to=str(kept.target), **wanted)
    return BackupClock(Backups(kept.albums.library, settings), settings)


def age(kept: Kept, what: str, days: float) -> None:
    """As if it had been so many days ago."""
    path = kept.folder / FILE
    content = json.loads(path.read_text())
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    about = content["backups"][str(kept.target)]
    about[what] = at if isinstance(about[what], str) else about[what] | {"at": at}
    path.write_text(json.dumps(content))


def test_by_the_clock_a_backup_is_made_when_the_last_is_old(kept: Kept) -> None:
    kept.take(b"one")
    clock = clock_of(kept, backup_every_days=2)
    assert clock.look() is None  # nobody knows yet whether a disk is to be mounted there
    assert not kept.target.exists()
    kept.back_up()
    assert clock.look() is None
    age(kept, "last_backup", 2.1)
    job = clock.look()
    assert job is not None
    assert (job.progress.kind, job.error) == ("backup", None)
    assert clock.look() is None


def test_by_the_clock_a_drill_is_done_when_the_last_is_old(kept: Kept) -> None:
    kept.take(b"one")
    kept.back_up()
    clock = clock_of(kept, backup_check_every_days=10)
    age(kept, "first_backup", 10.1)
    job = clock.look()
    assert job is not None
    assert (job.progress.kind, job.error) == ("check", None)
    assert clock.look() is None
    age(kept, "last_drill", 10.1)
    assert clock.look() is not None


def test_by_the_clock_a_disk_that_is_away_is_noted_and_tried_again_later(kept: Kept) -> None:
    kept.take(b"one")
    kept.back_up()
    age(kept, "last_backup", 9)
    away = kept.target.rename(kept.target.with_name("away"))
    clock = clock_of(kept)
    job = clock.look()
    assert job is not None
    assert job.error is not None
    assert clock.look() is None
    settings = replace(kept.albums.settings, backup_to=str(kept.target))
    found = notice(settings)
    assert found is not None
    assert found.state == "doubtful"
    assert "9 days old; the last try failed" in found.found
    away.rename(kept.target)
    age(kept, "failed", 0.1)
    job = clock.look()
    assert job is not None
    assert job.error is None
    assert read_record(kept.folder)[str(kept.target)]["failed"] is None
    healed = notice(settings)
    assert healed is not None
    assert healed.state == "good"


def test_the_box_worries_about_backups_that_are_wanted(kept: Kept, client: TestClient) -> None:
    def said() -> list[dict[str, str]]:
        found = client.get("/api/v1/health").json()["notices"]
        return [one for one in found if one["name"] == "backup"]

    assert said() == []  # nobody asked for one
    settings = replace(kept.albums.settings, backup_to=f"{kept.target}/")
    first = notice(settings)
    assert first is not None
    assert (first.state, "no backup" in first.found) == ("doubtful", True)
    kept.take(b"one")
    kept.back_up()
    assert [one["state"] for one in said()] == ["good"]
    assert "never tried" in said()[0]["found"]
    for what, days, word in (
        ("first_backup", 80, "never tried"),
        ("last_backup", 5, "5 days old"),
    ):
        age(kept, what, days)
        found = notice(settings)
        assert found is not None
        assert found.state == "doubtful"
        assert word in found.found


def test_a_record_that_rots_is_a_worry_and_no_page_fails(kept: Kept, client: TestClient) -> None:
    (kept.folder / FILE).write_text("{")
    [said] = [
        one for one in client.get("/api/v1/health").json()["notices"] if one["name"] == "backup"
    ]
    assert (said["state"], "damaged" in said["found"]) == ("doubtful", True)
    assert client.get("/").status_code == 200


def test_a_closed_box_starts_no_backup(kept: Kept) -> None:
    settings = replace(kept.albums.settings, backup_to=str(kept.target))
    backups = Backups(kept.albums.library, settings)
    clock = BackupClock(backups, settings)
    clock.start()
    backups.close()
    clock.close()
    with pytest.raises(Conflict, match="running"):
        backups.back_up()
