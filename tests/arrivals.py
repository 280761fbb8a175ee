"""Arrivals made of bytes."""

from __future__ import annotations

import io
from typing import Any

from albums.ingest.arrival import Arrival


def arrival_of(content: bytes, name: str = "photo.jpg", **fields: Any) -> Arrival:
    """An arrival as an upload would hand it over."""
    return Arrival(
        name=name,
        open=lambda: io.BytesIO(content),
        source=fields.pop("source", "upload"),
        origin=fields.pop("origin", "test://phone"),
        **fields,
    )
