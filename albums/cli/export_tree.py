"""`albums export DIR`: originals in a tree that people read, with XMP sidecars, and checked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from albums.cli.following import Asked, follow
from albums.cli.output import Meter, print_json, say
from albums.errors import BadInput

if TYPE_CHECKING:
    from albums.cli.box import Box

_INCOMPLETE = 1  # exit status: not every byte is there
_DOING = {"listing": "Listing", "copying": "Copying", "checking": "Reading back"}


def export_tree(box: Box, folder: Path, *, trash: bool, as_json: bool) -> None:
    """Export, show how far it is, print the receipt. Ends with 1 unless every byte is there."""
    asked = Asked(
        "/api/v1/exports",
        {"path": _sendable(folder), "trash": trash},
        _show,
        stopped="Stopped. What was exported is whole; run the command again to go on.",
    )
    receipt = follow(box, asked)
    if as_json:
        print_json(receipt)
    else:
        _tell(receipt)
    if not receipt["complete"]:
        raise typer.Exit(_INCOMPLETE)


def _sendable(folder: Path) -> str:
    path = os.path.abspath(folder)  # noqa: PTH100 - links are for the box to follow
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The name of this folder is not valid UTF-8") from error
    return path


def _show(job: dict[str, Any], meter: Meter) -> None:
    checking = job["state"] == "checking"
    done = job["bytes_checked"] if checking else job["bytes_copied"] + job["bytes_present"]
    files = job["checked"] if checking else job["copied"] + job["present"]
    note = f"{files} of {job['assets']} files"
    meter.show(_DOING.get(job["state"], ""), done, job["bytes_total"] or None, note)


def _tell(receipt: dict[str, Any]) -> None:
    done = [
        (receipt["copied"], "copied"),
        (receipt["present"], "there already"),
        (receipt["moved"], "of them renamed"),
        (receipt["sidecars"], "sidecars written"),
        (receipt["collections"], f"collections as {receipt['linked']}"),
    ]
    print(f"{receipt['folder']}: {', '.join(f'{n} {what}' for n, what in done if n) or 'nothing'}.")
    for name, what in (
        ("failed", "could not be exported"),
        ("wrong", "are not what they should be"),
        ("kept", "sidecars were changed by another program and stay as they are"),
        ("gone", "are there from earlier and do not leave any more"),
    ):
        if receipt[name]:
            say(f"{receipt[name]} {what}:")
            for file in receipt[f"{name}_files"]:
                say(f"  {file['path']}: {file['why']}")
    for what, wanted, found, missing in (
        ("originals", receipt["assets"], receipt["checked"], receipt["missing"]),
        ("bytes", receipt["bytes_total"], receipt["bytes_checked"], receipt["bytes_missing"]),
    ):
        print(f"{what}: {wanted:,} in the library, {found:,} read back, difference {missing:,}")
    print("Complete." if receipt["complete"] else "NOT COMPLETE.")
