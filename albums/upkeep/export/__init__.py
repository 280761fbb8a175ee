"""Leaving with everything: originals as a tree that people read, with XMP sidecars, and checked.

`run.py` is one export into `target.py`, as `tree.py` names its files; `check.py` reads it back.
"""

from albums.upkeep.export.progress import Progress
from albums.upkeep.export.run import export

__all__ = ["Progress", "export"]
