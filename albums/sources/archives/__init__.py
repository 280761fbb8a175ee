"""Reading what was downloaded: every entry of every part, in one pass, past any damage."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO, cast

from albums.sources.archives.entry import Entry
from albums.sources.archives.parts import Part, Parts, find_parts
from albums.sources.archives.tars import tar_entries
from albums.sources.archives.unpacked import unpacked_entries
from albums.sources.archives.zips import zip_entries

__all__ = ["Entry", "Part", "Parts", "entries", "find_parts"]

_PASSES = {
    "zip": zip_entries,
    "tgz": tar_entries,
    "tar": tar_entries,
    "folder": unpacked_entries,
}


def entries(part: Part, skip: Collection[int] = frozenset()) -> Iterator[tuple[Entry, BinaryIO]]:
    """Each entry of a part and its bytes, in the part's own order.

    The stream is good until the next entry is asked for. A stream that breaks ends early and
    raises nothing: after reading, `entry.whole` tells whether the bytes are proven to be all
    there, and `entry.problem` why not. `skip` holds the indices that are not wanted again (cheap
    in zips and folders; a tgz must be unpacked up to its end). After the last entry, `part.whole`
    and `part.problem` speak of the archive itself.
    """
    part.problems, part.read, part.whole = [], 0, False
    try:
        for entry, stream in _PASSES[part.kind](part, skip):
            yield entry, cast(BinaryIO, stream)
    except OSError as error:
        part.say(f"It cannot be read any further ({error.strerror})")
    part.whole = not part.problems
    part.read = part.size if part.whole else part.read
