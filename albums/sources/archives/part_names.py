"""What the name of a part says: which export, and which part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# takeout-20240516T230250Z-003.zip, takeout-20250921T101010Z-3-009.zip, and what browsers add to
# the name of a second download: "-003 (1).zip", "-003(1).zip", "-003-2.zip" (Safari), "-003 2.zip".
_NAME = re.compile(
    r"""^(?:copy\ of\ )?takeout-(?P<stamp>\d{8}T\d{6}Z)
        (?:-(?P<series>\d{1,2}))?
        (?:-(?P<number>\d{3,4}))?
        (?P<renamed>\ ?\(\d+\)|-\d{1,2}|\ \d{1,2}|\ -\ .*|_\d{1,2}|\ copy.*)*
        (?P<ending>(?:\.zip|\.tgz|\.tar\.gz|\.tar|\.gz)*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDINGS = (".zip", ".tgz", ".tar.gz", ".tar")
_UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp")


@dataclass(frozen=True)
class PartName:
    """`export` is the moment at which Google made it (20240516T230250Z), with its series if any."""

    export: str
    number: int | None


def read_name(name: str) -> PartName | None:
    """What a file's or folder's name says; None when it is no name of Google's."""
    match = _NAME.match(name)
    if not match:
        return None
    export = match["stamp"].upper() + (f"-{match['series']}" if match["series"] else "")
    return PartName(export, int(match["number"]) if match["number"] else None)


def is_archive_name(name: str) -> bool:
    """Would this be a zip, tgz or tar by its name?"""
    return name.lower().endswith(_ENDINGS) or (read_name(name) is not None and "." in name)


def is_part_name(name: str) -> bool:
    """Is this the name of one of Google's archives?"""
    return read_name(name) is not None and is_archive_name(name)


def is_unfinished(name: str) -> bool:
    """Is this a download that a browser has not finished?"""
    lower = name.lower()
    stem = lower.rpartition(".")[0]
    return lower.endswith(_UNFINISHED) and (is_archive_name(stem) or "takeout-" in stem)
