"""The text file beside what could not be taken: it says why, and goes when that is no longer so."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

from albums.sources.inbox.files import FIRST_LINE, NOTE, Folder, Found, is_note

_LONGEST_NAME = 255  # bytes, on every file system that matters


def note_of(path: str) -> str:
    """Where the note on the file at `path` lies; names that are too long are cut."""
    folder, name = os.path.split(os.fsencode(path))
    room = _LONGEST_NAME - len(NOTE)
    if len(name) > room:
        mark = hashlib.sha256(name).hexdigest()[:8].encode()
        name = name[: room - len(mark)] + mark
    return os.fsdecode(os.path.join(folder, name + NOTE.encode()))  # noqa: PTH118


def write_note(file: Found, why: str) -> None:
    """Say beside the file why it stays. Where nothing may be written, the box's page says it."""
    path = note_of(file.path)
    name = os.fsencode(os.path.basename(file.path)).decode("utf-8", "replace")  # noqa: PTH119
    text = f"{FIRST_LINE}\n\n{name}\n\n{why}\n\nThis note goes when the file does.\n"
    if _is_said(path, text):
        return
    with suppress(OSError):
        remove_note(file.path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o644)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def remove_note(path: str) -> None:
    """Remove our note on the file at `path`, if there is one."""
    note = note_of(path)
    if is_note(note):
        with suppress(OSError):
            os.unlink(note)  # noqa: PTH108 - names may not be UTF-8


def remove_old_notes(folder: Folder) -> None:
    """Remove notes on files that are gone."""
    notes = [entry.path for entry in folder.entries if entry.name.endswith(NOTE)]
    if notes:
        needed = {note_of(entry.path) for entry in folder.entries}
        for path in notes:
            if path not in needed and is_note(path):
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108


def _is_said(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8") as note:  # noqa: PTH123
            return note.read(len(text) + 1) == text
    except (OSError, ValueError):
        return False
