"""Is every file still what was kept? Read again, from the disk, and brought back where it is not.

`run.py` is one verification: `sweep.py` looks which files are there, `examine.py` reads one
original, `repair.py` brings back what `copies.py` finds whole.
"""

from albums.upkeep.verify.copies import Copies
from albums.upkeep.verify.run import Progress, Verification, Wanted
from albums.upkeep.verify.verifier import Verifier

__all__ = ["Copies", "Progress", "Verification", "Verifier", "Wanted"]
