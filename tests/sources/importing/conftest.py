"""The rooms of an import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from albums.ingest.receive import Receiver
from albums.media.sandbox import Sandbox
from tests.sources.conftest import open_receiver
from tests.sources.importing.exports import House, house_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as sandbox:
        yield sandbox


@pytest.fixture
def house(receiver: Receiver, sandbox: Sandbox) -> House:
    return house_of(receiver, sandbox)


@pytest.fixture
def other_house(tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    with open_receiver(tmp_path / "other-library") as receiver:
        yield house_of(receiver, sandbox)
