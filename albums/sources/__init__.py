"""How assets come in: the sources, in the order in which they are offered."""

from __future__ import annotations

from albums.sources.apple import Apple
from albums.sources.beside import Sidecars
from albums.sources.flickr import Flickr
from albums.sources.folder import FOLDER
from albums.sources.importing.kind import Kind
from albums.sources.source import Source
from albums.sources.takeout.takeout import Takeout

SOURCES: tuple[Source, ...] = (FOLDER,)
# Exports of other services: archives or folders whose files speak of each other.
KINDS: tuple[Kind, ...] = (Takeout(), Apple(), Flickr(), Sidecars())
