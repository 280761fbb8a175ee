"""The database anew, from originals, sidecars and the library-wide files.

`run.py` is one rebuild. `canonical.py` says what must be the same after it: everything that cannot
be computed again.
"""

from albums.upkeep.rebuild.canonical import canonical, canonical_export
from albums.upkeep.rebuild.run import Rebuilt, rebuild

__all__ = ["Rebuilt", "canonical", "canonical_export", "rebuild"]
