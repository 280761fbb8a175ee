"""EPUB: a zip of HTML pages, in the order that its package names."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from albums.media.encoding import declared_in, text_of
from albums.media.flow import Flow
from albums.media.html import read_html
from albums.media.package import Package, broken, package

_OWN = ("title", "creator", "date", "publisher", "language", "subject", "description")


def flow(path: Path) -> Flow:
    """The text of the book, and what it says of itself. Raises Undecodable."""
    with package(path) as parts:
        index = _index(parts)
        book = _Book(posixpath.dirname(index))
        parts.walk(index, book.start, lambda tag: None, lambda text: None)
        found = Flow(said=_said(parts, index))
        if book.cover in parts.names:
            found.picture = parts.read(str(book.cover))
        for name in book.chapters():
            if name in parts.names and not found.full:
                found.break_page()
                content = parts.read(name)
                own, found.said = found.said, {}  # chapters have titles of their own
                read_html(text_of(content, declared_in(content)), found)
                found.said = own
    return found


def said(path: Path) -> dict[str, Any]:
    """Title, author, dates … as written in its package."""
    with package(path) as parts:
        return _said(parts, _index(parts))


def _said(parts: Package, index: str) -> dict[str, Any]:
    texts = parts.texts(index)
    return {name: "; ".join(texts[name]) for name in _OWN if name in texts}


def _index(parts: Package) -> str:
    """Where the package lies."""
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "rootfile" and "full-path" in attributes:
            found.append(attributes["full-path"])

    parts.walk("META-INF/container.xml", start, lambda tag: None, lambda text: None)
    if not found:
        raise broken("it names no package")
    return found[0]


class _Book:
    """What the package lists, and in which order it is read."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._items: dict[str, str] = {}
        self._order: list[str] = []
        self._covers: list[str] = []  # items that say they are it
        self._named_cover = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "item":
            target = unquote(attributes.get("href", ""))
            self._items[attributes.get("id", "")] = posixpath.normpath(
                posixpath.join(self._folder, target)
            )
            if "cover-image" in attributes.get("properties", ""):
                self._covers.append(attributes.get("id", ""))
        elif tag == "itemref":
            self._order.append(attributes.get("idref", ""))
        elif tag == "meta" and attributes.get("name") == "cover":
            self._named_cover = attributes.get("content", "")

    def chapters(self) -> list[str]:
        return [self._items[name] for name in self._order if name in self._items]

    @property
    def cover(self) -> str | None:
        return next(
            (self._items[n] for n in [*self._covers, self._named_cover] if n in self._items), None
        )
