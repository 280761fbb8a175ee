"""A folder of originals whose sidecars lie beside them: XMP of any program, YAML of PhotoPrism."""

from albums.sources.beside.kind import Sidecars

__all__ = ["Sidecars"]
