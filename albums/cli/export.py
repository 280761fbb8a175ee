"""`albums export`: what is in the library, for other programs."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from albums.cli.export_tree import export_tree
from albums.cli.options import Json, Library, settings_of
from albums.errors import BadInput, DiskFull

if TYPE_CHECKING:
    from albums.cli.box import Box


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Originals go there as YYYY/MM/name, each with an XMP sidecar; every byte is "
            "read back at the end. A second run copies what is new."
        ),
    ] = None,
    trash: Annotated[
        bool, typer.Option("--trash", help="Export what lies in the trash, too.")
    ] = False,
    canonical: Annotated[
        str | None,
        typer.Option(
            "--canonical",
            metavar="FILE|-",
            help="Everything that cannot be computed again, as JSON lines; - is standard output.",
        ),
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Write the photos to a folder for other programs, or down all that the library holds."""
    from albums.cli.box import reach

    if (folder is None) == (canonical is None):
        raise BadInput("Name a folder to export to, or give --canonical")
    with reach(settings_of(library)) as box:
        if folder:
            export_tree(box, folder, trash=trash, as_json=as_json)
        elif canonical:
            _write_canonical(box, canonical)


def _write_canonical(box: Box, name: str) -> None:
    """The same content gives the same bytes."""
    with _opened(name) as out:
        for chunk in box.download("/api/v1/canonical"):
            out.write(chunk)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there only once it is whole."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        kind = DiskFull if error.errno == errno.ENOSPC else BadInput
        raise kind(f"{path} cannot be written", why=error.strerror or str(error)) from error
    finally:
        if path.parent.is_dir():
            part.unlink(missing_ok=True)
