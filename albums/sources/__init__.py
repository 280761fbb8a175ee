"""How assets come in: the sources, in the order in which they are offered."""

from __future__ import annotations

from albums.sources.folder import FOLDER
from albums.sources.source import Source

SOURCES: tuple[Source, ...] = (FOLDER,)
