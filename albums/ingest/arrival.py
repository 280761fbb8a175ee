"""What every source hands over: one file, where it came from, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Literal

from albums.library.facts import Claim


@dataclass(frozen=True)
class Arrival:
    """`open()` gives the bytes, read once by `receive`. `key` is the source's own name for this
    file (a path, an id): a second import of an unchanged file is known by it without reading.

    `again` takes in even what the owner deleted before.
    """

    name: str
    open: Callable[[], BinaryIO]
    source: str  # upload, folder, takeout, ...
    origin: str  # which one: tailscale://galaxy-s24, folder:///home/ann/photos
    folder: str = ""
    key: str | None = None
    modified_ns: int | None = None
    size: int | None = None
    claims: tuple[Claim, ...] = ()
    collections: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Receipt:
    """What became of an arrival. `deleted` means: the owner deleted it before, at `deleted_at`, and
    that stands: it was not kept (no asset_id) or stays in the trash."""

    sha: str
    status: Literal["ingested", "duplicate", "deleted"]
    asset_id: int | None
    name: str
    size: int
    received_at: str
    deleted_at: str | None = None
