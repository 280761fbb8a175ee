"""The doctor finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albums.library.database import Library
from albums.settings import Settings
from albums.upkeep import doctor
from tests.identity.localapi import Tailscaled
from tests.identity.network import BOX, SUFFIX


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", port=0)


@pytest.fixture
def used(settings: Settings) -> Settings:
    """With a library in it."""
    settings.library.mkdir()
    library = Library(settings.database)
    with library.write() as db:
        db.executemany(
            "insert into tombstones (sha, name, size, deleted_at) values (?, 'name', 1, 'then')",
            [(str(n),) for n in range(3000)],
        )
    library.close()
    return settings


def test_a_sound_installation_has_nothing_broken(used: Settings, tailscaled: Tailscaled) -> None:
    checks = list(doctor.examine(replace(used, tailscale_socket=str(tailscaled.path))))
    assert len(checks) == len(doctor.CHECKS)
    assert [c.found for c in checks if c.state != "good"] == []


def test_it_makes_no_library(settings: Settings) -> None:
    assert all(check.found for check in doctor.examine(settings))
    assert not settings.library.exists()


def test_a_damaged_database_is_found(used: Settings) -> None:
    size = used.database.stat().st_size
    with used.database.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 4))
    check = next(c for c in doctor.examine(used) if c.name == "database")
    assert check.state == "broken"


def test_a_newer_database_is_found(used: Settings) -> None:
    library = Library(used.database)
    with library.write() as db:
        names = "select name from sqlite_master where name like '%migrations'"
        table = db.execute(names).fetchone()[0]
        db.execute(
            f"""insert into {table} (migration_set, name, applied_at)
                values ('albums', 'later', '')"""
        )
    library.close()
    check = doctor.database(used)
    assert check.state == "broken"
    assert "later" in check.found


def test_arrivals_that_were_cut_off_are_mentioned_unless_the_box_runs(used: Settings) -> None:
    (used.library / "incoming").mkdir()
    (used.library / "incoming" / "x.part").touch()
    assert doctor.incoming(used).state == "doubtful"
    with (used.library / "albums.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert doctor.incoming(used).state == "good"


def test_a_taken_port_is_doubtful_but_not_when_the_box_has_it(used: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = replace(used, port=other.getsockname()[1])
        assert doctor.port(taken).state == "doubtful"
        with (used.library / "albums.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert doctor.port(taken).state == "good"


def test_an_unknown_time_zone_is_broken(settings: Settings) -> None:
    assert doctor.time_zone(replace(settings, time_zone="Mars/Olympus")).state == "broken"
    assert doctor.time_zone(replace(settings, time_zone="Asia/Tokyo")).state == "good"


def test_another_python_is_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    assert doctor.python(settings).state == "broken"


def test_a_missing_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_required", lambda: ["no-such-package"])
    check = doctor.packages(settings)
    assert check.state == "broken"
    assert "no-such-package is not installed" in check.found


def test_a_clock_before_the_library_is_broken(used: Settings) -> None:
    assert doctor.clock(used).state == "good"
    os.utime(used.database, (4e9, 4e9))
    assert doctor.clock(used).state == "broken"


def test_a_full_disk_is_doubtful(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ROOM", 1 << 60)
    assert doctor.folder(settings).state == "doubtful"


def test_everything_that_is_wrong_says_what_to_do(used: Settings) -> None:
    for check in doctor.examine(replace(used, time_zone="nowhere", host="256.1.1.1")):
        assert check.state == "good" or check.hint, check.name


def test_the_models_that_are_chosen_are_named(settings: Settings, tmp_path: Path) -> None:
    bare = replace(settings, models=tmp_path / "models")
    chosen = "basic (embedder), basic (captioner), ppocr-v6-small (reader)"
    assert doctor.models(bare).found == chosen
    wanted = doctor.models(replace(bare, embedder="clip-vit-b-32-256"))
    assert wanted.state == "broken"
    assert "models pull" in wanted.hint


def test_a_model_that_came_in_half_is_doubtful(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "clip-vit-b-32-256"
    folder.mkdir(parents=True)
    (folder / "open_clip_model.safetensors.part").write_bytes(b"half")
    check = doctor.models(replace(settings, models=tmp_path / "models"))
    assert check.state == "doubtful"
    assert "clip-vit-b-32-256" in check.found


def test_the_way_in_for_devices_is_looked_at(settings: Settings, tailscaled: Tailscaled) -> None:
    there = replace(settings, tailscale_socket=str(tailscaled.path))
    assert doctor.tailscale(there).state == "good"
    soon = datetime.now(UTC) + timedelta(days=10)
    tailscaled.own = replace(BOX, key_expiry=soon.isoformat())
    check = doctor.tailscale(there)
    assert check.state == "doubtful"
    assert "in 9 days" in check.found
    assert "Switch its expiry off" in check.hint
    tailscaled.stop()
    assert "not running" in doctor.tailscale(there).found


def test_a_certificate_that_ends_soon_is_found(settings: Settings, tailscaled: Tailscaled) -> None:
    handlers = {"/": {"Proxy": "unix:/run/albums.sock"}}
    tailscaled.serve_config = {"Web": {f"box.{SUFFIX}:443": {"Handlers": handlers}}}
    tailscaled.certificate_ends = datetime.now(UTC) - timedelta(days=1)
    check = doctor.tailscale(replace(settings, tailscale_socket=str(tailscaled.path)))
    assert check.state == "broken"
    assert "certificate ended" in check.found
    assert check.hint
