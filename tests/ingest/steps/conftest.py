"""The tools that steps are given, with a real library, vault and decoders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from albums.ingest.receive import Receiver
from albums.ingest.step import Done, Failed, Outcome, Step, Tools
from albums.library.assets import assets_by_id
from albums.library.database import Library
from albums.media.sandbox import Sandbox
from albums.settings import Settings
from albums.vault import Vault
from tests.arrivals import arrival_of


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1) as sandbox:
        yield sandbox


@pytest.fixture
def tools(library: Library, vault: Vault, sandbox: Sandbox) -> Tools:
    no_shelf = cast("Any", None)
    return Tools(library, vault, sandbox, no_shelf, Settings(), ZoneInfo("Europe/Lisbon"))


Keep = Callable[..., int]


@pytest.fixture
def keep(receiver: Receiver) -> Keep:
    """`keep(content, name, **fields)` -> id of the asset that arrived."""

    def keep(content: bytes, name: str = "photo.jpg", **fields: Any) -> int:
        asset_id = receiver.receive(arrival_of(content, name, **fields)).asset_id
        assert asset_id is not None
        return asset_id

    return keep


Do = Callable[..., list[Outcome]]


@pytest.fixture
def do(tools: Tools) -> Do:
    """`do(step, *ids)`: run a step as the runner would, and write what is done."""

    def do(step: Step, *ids: int) -> list[Outcome]:
        with tools.library.write() as db:
            step.prepare(db)
        with tools.library.read() as db:
            assets = sorted(assets_by_id(db, ids), key=lambda asset: ids.index(asset.id))
        outcomes = step.run(assets, tools)
        with tools.library.write() as db:
            for outcome in outcomes:
                if isinstance(outcome, Done | Failed):
                    outcome.write(db)
        return outcomes

    return do
