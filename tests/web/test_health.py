"""The box's key and certificate are worried about while there is time."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from albums.cli.serving import Serving
from albums.identity.doors import serve_socket, shell_socket
from albums.settings import Settings
from tests.identity.localapi import Tailscaled
from tests.identity.network import BOX, STRANGER, SUFFIX


def ask(path: Path, what: str, **headers: str) -> httpx.Response:
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=10) as client:
        return client.get(what, headers=headers)


def notices(path: Path) -> dict[str, Any]:
    found = ask(path, "/api/v1/health").json()["notices"]
    return {notice["name"]: notice for notice in found}


def test_key_and_certificate_are_announced_30_days_ahead(
    tmp_path: Path, tailscaled: Tailscaled
) -> None:
    soon = datetime.now(UTC) + timedelta(days=9, hours=1)
    tailscaled.own = replace(BOX, key_expiry=soon.isoformat().replace("+00:00", "Z"))
    tailscaled.certificate_ends = soon
    web = {f"box.{SUFFIX}:443": {"Handlers": {"/": {"Proxy": "unix:/run/albums/albums.sock"}}}}
    tailscaled.serve_config = {"Web": web}
    settings = Settings(
        library=tmp_path / "library", workers=1, tailscale_socket=str(tailscaled.path)
    )
    with closing(Serving(settings, working=False, tailnet=True)):
        shell = shell_socket(settings.library)
        deadline = time.monotonic() + 10
        while "certificate" not in notices(shell):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        found = notices(shell)
        assert found["tailscale"]["state"] == "good"
        for name in ("key", "certificate"):
            assert found[name]["state"] == "doubtful"
            assert "in 9 days" in found[name]["found"]
            assert found[name]["hint"]
        page = ask(shell, "/", accept="text/html").text
        assert "key ends on" in page
        assert "certificate ends on" in page
        refused = ask(
            serve_socket(settings.library), "/", **{"x-forwarded-for": STRANGER.addresses[0]}
        )
        assert "ends on" not in refused.text
        counted = ask(shell, "/api/v1/health").json()["refused"]["by_kind"]
        assert counted == {"unclaimed": 1}
