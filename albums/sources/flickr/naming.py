"""Which photo a file of Flickr's zips is, by its name.

Three shapes are known: title_ID_o.jpg, for those without a title ID_SECRET_o.jpg, for films
title_ID.mp4. Source: tools that put exports into order (tagspaces/flickr-export-organizer and
others); a file may also be called as the address of its original ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from albums.sources.importing.kind import Thing

_SHAPES = (  # best first
    ("id before _o", re.compile(r"(?:.*[_-])?([0-9]{3,30})_o", re.ASCII | re.DOTALL)),
    ("id first", re.compile(r"([0-9]{3,30})_[0-9a-f]{6,20}(?:_o)?", re.ASCII)),
    ("id last", re.compile(r"(?:.*[_-])?([0-9]{3,30})", re.ASCII | re.DOTALL)),
)
_COPY = re.compile(r" ?\([0-9]{1,3}\)$", re.ASCII)  # two files of one name in one folder
RULES = ("original", *(rule for rule, _ in _SHAPES))


def ids(name: str) -> list[tuple[str, str]]:
    """(rule, id) of all that the name could say, best first."""
    stem = _COPY.sub("", name.rpartition(".")[0] or name)
    found = ((rule, shape.fullmatch(stem)) for rule, shape in _SHAPES)
    return [(rule, match[1]) for rule, match in found if match]


def whose(
    media: Iterable[Thing], known: Collection[str], originals: Mapping[str, str]
) -> tuple[dict[int, tuple[str, str]], dict[int, set[str]]]:
    """Of each medium's number (rule, id) of the photo that it is; and the ids of those that could
    be several. `known`: the ids that the export speaks of; `originals`: ids by file name."""
    sure: dict[int, tuple[str, str]] = {}
    unsure: dict[int, set[str]] = {}
    for thing in media:
        said = [(rule, number) for rule, number in ids(thing.name) if number in known]
        if thing.name in originals:
            sure[thing.id] = ("original", originals[thing.name])
        elif len({number for _, number in said}) == 1:
            sure[thing.id] = said[0]
        elif said:
            unsure[thing.id] = {number for _, number in said}
    return sure, unsure
