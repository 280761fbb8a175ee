"""Zips of XML: Office's documents, OpenDocument, EPUB. What is unpacked is bounded, as is XML."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from albums.errors import Undecodable

LARGEST = 100_000_000  # bytes of one part, unpacked
TOGETHER = 300_000_000  # of all parts that are read
DEPTH = 500  # elements inside each other
ELEMENTS = 20_000_000
_BLOCK = 1 << 16
_LONGEST = 2000  # characters of what a document says of itself

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class Package:
    """An open zip. Raises Undecodable for one that unpacks to more than it should."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = TOGETHER
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """A whole part. Raises Undecodable where it is missing."""
        return b"".join(self._blocks(name))

    def walk(self, name: str, start: Start, end: End, text: Text) -> None:
        """Go through the XML of a part; names come without their namespace, but
        for `r:id`."""
        _walk(self._blocks(name), start, end, text)

    def texts(self, name: str) -> dict[str, list[str]]:
        """What stands in the elements of a small part, by their names; nothing if it is missing."""
        found: dict[str, list[str]] = {}
        pieces: list[str] = []

        def end(tag: str) -> None:
            text = "".join(pieces).strip()
            pieces.clear()
            if text:
                found.setdefault(tag, []).append(text[:_LONGEST])

        if name in self.names:
            self.walk(name, lambda tag, attributes: pieces.clear(), end, pieces.append)
        return found

    def _blocks(self, name: str) -> Iterator[bytes]:
        if name not in self.names:
            raise broken(f"{name} is missing")
        size = 0
        with self._archive.open(name) as part:
            while block := part.read(_BLOCK):
                size += len(block)
                self._left -= len(block)
                if size > LARGEST or self._left < 0:
                    raise too_large(f"{name} unpacks to more than {size // 1_000_000 - 1} MB")
                yield block


@contextmanager
def package(path: Path) -> Iterator[Package]:
    """Open the zip at `path`. Raises Undecodable, also for what goes wrong inside the block."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Package(archive)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError) as error:
        raise broken(str(error) or type(error).__name__) from error
    except RuntimeError as error:  # as zipfile says that it needs a password
        if "password" not in str(error):
            raise
        raise Undecodable(
            "The document is locked with a password",
            why="nothing of it can be shown or read without it",
            hint="The original is kept as it is; add a copy saved without the password",
            reason="locked",
        ) from error


def walk(content: bytes, start: Start, end: End, text: Text) -> None:
    """Go through XML that is at hand. Raises Undecodable."""
    try:
        _walk(iter([content]), start, end, text)
    except expat.ExpatError as error:
        raise broken(str(error)) from error


def broken(why: str) -> Undecodable:
    return Undecodable(
        "The document could not be read",
        why=why,
        hint="The original is kept as it is",
        reason="broken",
    )


def too_large(why: str) -> Undecodable:
    return Undecodable(
        "The document is too large to open",
        why=why,
        hint="The original is kept as it is",
        reason="too-large",
    )


def _walk(blocks: Iterator[bytes], start: Start, end: End, text: Text) -> None:
    depth = elements = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > DEPTH or elements > ELEMENTS:
            raise too_large("its XML is nested too deeply, or endless")
        start(_local(name), {_key(key): value for key, value in attributes.items()})

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler, parser.EndElementHandler = on_start, on_end
    parser.CharacterDataHandler = text
    for block in blocks:
        parser.Parse(block, False)
    parser.Parse(b"", True)


def _refuse_entities(*_: object) -> None:
    """They are how a few bytes become gigabytes. No program writes them into a document."""
    raise too_large("its XML defines entities")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _key(name: str) -> str:
    """As `_local`, but for Office's relations, which stand beside an `id` of another kind."""
    return "r:id" if name.endswith("/relationships id") else _local(name)
