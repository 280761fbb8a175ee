"""Collections as folders of links into the tree, where the disk knows links; always as a list."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from albums.library.collections import all_collections, members
from albums.upkeep.export.target import Target, writing
from albums.upkeep.export.tree import legal, numbered, same_name

FOLDER = "collections"
Kind = Literal["symlinks", "hard links", "list"]
Row = tuple[str, int, str, str]  # collection, position from 1, path, link ("": none)


def collections(db: sqlite3.Connection, places: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Each collection with the paths of what is in it, in its order."""
    return [
        (row["name"], [places[sha] for sha in members(db, row["name"]) if sha in places])
        for row in all_collections(db)
    ]


def kind_of_links(target: Target) -> Kind:
    """What the disk can do."""
    one, other = (target.temporary / uuid.uuid4().hex for _ in range(2))
    one.touch()
    try:
        for kind, make in (("symlinks", os.symlink), ("hard links", os.link)):
            with suppress(OSError, NotImplementedError):
                make(one, other)
                return "symlinks" if kind == "symlinks" else "hard links"
        return "list"
    finally:
        one.unlink()
        other.unlink(missing_ok=True)


def link(
    target: Target,
    found: list[tuple[str, list[str]]],
    before: Mapping[str, str],
    kind: Kind,
) -> list[Row]:
    """Make the links, take away those of `before` that are none any more; rows for the list."""
    rows = list(_rows(target, found, before, kind))
    wanted = {link: path for _, _, path, link in rows}
    for old, path in before.items():
        if wanted.get(old) != path and _is_ours(target, old, path):
            (target / old).unlink(missing_ok=True)
    for _, _, path, new in rows:
        if new and not os.path.lexists(target / new):
            _make(target, path, new, kind)
    return rows


def _rows(
    target: Target, found: list[tuple[str, list[str]]], before: Mapping[str, str], kind: Kind
) -> Iterator[Row]:
    folders: set[str] = set()
    for name, paths in found:
        folder = _free_name(legal(name), folders)
        names: set[str] = set()
        for position, path in enumerate(paths, 1):
            file = path.rpartition("/")[2]
            while kind != "list":
                candidate = f"{FOLDER}/{folder}/{_free_name(file, names)}"
                if _may_lie(target, candidate, path, before):
                    break
            yield name, position, path, "" if kind == "list" else candidate


def _free_name(name: str, taken: set[str]) -> str:
    number = 1
    while same_name(numbered(name, number)) in taken:
        number += 1
    taken.add(same_name(numbered(name, number)))
    return numbered(name, number)


def _may_lie(target: Target, link: str, path: str, before: Mapping[str, str]) -> bool:
    if not os.path.lexists(target / link):
        return True
    return _is_ours(target, link, path) or (link in before and _is_ours(target, link, before[link]))


def _is_ours(target: Target, link: str, path: str) -> bool:
    """Whether it is a link to what it should show, and not a file of another program."""
    with suppress(OSError):
        if (target / link).is_symlink():
            return os.readlink(target / link) == _relative(link, path)  # noqa: PTH115
        return (target / link).samefile(target / path)
    return False


def _relative(link: str, path: str) -> str:
    return os.path.relpath(path, Path(link).parent)


def _make(target: Target, path: str, link: str, kind: Kind) -> None:
    with writing(target / link):
        target.make_folder((target / link).parent)
        if kind == "symlinks":
            (target / link).symlink_to(_relative(link, path))
        else:
            (target / link).hardlink_to(target / path)
