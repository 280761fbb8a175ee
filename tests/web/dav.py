"""A claimed box behind the double of `tailscale serve`, as WebDAV clients meet it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from albums.assembly import Albums
from albums.cli.serving import Serving
from albums.identity.doors import serve_socket
from albums.settings import Settings
from albums.sources.webdav import Inbox
from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, PHONE, TABLET
from tests.identity.serve import Serve


@dataclass(frozen=True)
class DavBox:
    """`phone` and `tablet` are URLs at which one is taken for that device."""

    albums: Albums
    inbox: Inbox
    phone: str
    tablet: str  # may only upload

    @property
    def port(self) -> int:
        """Of the phone's URL."""
        return int(self.phone.rpartition(":")[2])


@pytest.fixture
def dav_box(tmp_path: Path, tailscaled: Tailscaled) -> Iterator[DavBox]:
    settings = Settings(
        library=tmp_path / "library", workers=1, tailscale_socket=str(tailscaled.path), port=0
    )
    with closing(Serving(settings, working=False, tailnet=True)) as serving:
        albums = serving.albums
        with albums.devices.change() as change:
            change.claim(ALICE.id, ALICE.login, ALICE.display_name)
        albums.devices.seen(
            TABLET.stable_id, name=TABLET.name, model="", os="", user_id=ALICE.id, login=""
        )
        with albums.devices.change() as change:
            change.set_rights(TABLET.stable_id, "upload")
        with Serve(tailscaled, serve_socket(settings.library)) as serve:
            phone, tablet = (serve.door(device.addresses[0]) for device in (PHONE, TABLET))
            yield DavBox(albums, serving.app.state.dav.inbox, phone, tablet)
