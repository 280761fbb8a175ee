"""Text files: plain, Markdown, CSV, JSON, XML, HTML, RTF, and mail."""

from __future__ import annotations

import csv
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from albums.errors import Undecodable
from albums.media.encoding import declared_in, text_of
from albums.media.flow import Flow
from albums.media.html import read_html

LARGEST = 40_000_000  # bytes that are read of a file
MAIL, RTF, HTML = "message/rfc822", "application/rtf", "text/html"
_CELL = 10_000  # characters
_COLUMNS = 200
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_CONTROLS = dict.fromkeys([*range(9), 11, *range(14, 32), 127])
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_RTF_SAID = re.compile(r"\{\\(title|author|subject|keywords|company)\s([^{}]*)\}")
_RTF_MADE = re.compile(r"\{\\creatim\\yr(\d+)\\mo(\d+)\\dy(\d+)(?:\\hr(\d+))?(?:\\min(\d+))?")


def flow(path: Path, mime: str) -> Flow:
    """The text of the file, and what it says of itself. Raises Undecodable where it is empty."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if not content.strip(b"\0 \t\r\n"):
        raise Undecodable("The file is empty", hint="It is kept as it is", reason="empty")
    found = Flow()
    if len(content) > LARGEST:
        content = content[:LARGEST]
        found.cut = f"Only the first {LARGEST // 1_000_000} MB were read."
    _READ.get(mime, _lines)(content, found)
    return found


def said(path: Path, mime: str) -> dict[str, Any]:
    """What it says of itself; most text says nothing."""
    return flow(path, mime).said if mime in (MAIL, RTF, HTML, "text/markdown") else {}


def _lines(content: bytes, into: Flow) -> None:
    for line in _text(content).split("\n"):
        into.add(line.rstrip())


def _markdown(content: bytes, into: Flow) -> None:
    for line in _text(content).split("\n"):
        match = _HEADING.match(line)
        into.add(match[2] if match else line.rstrip(), len(match[1]) if match else 0)
        if match and len(match[1]) == 1:
            into.said.setdefault("title", match[2])


def _table(content: bytes, into: Flow) -> None:
    text = _text(content)
    first = text.split("\n", 1)[0]
    separator = max(",;\t|", key=first.count)
    csv.field_size_limit(_CELL * 100)
    try:
        for row in csv.reader(text.split("\n"), delimiter=separator):
            into.add("\t".join(cell[:_CELL] for cell in row[:_COLUMNS]))
    except csv.Error:  # then it is a text like others
        _lines(content, into)


def _html(content: bytes, into: Flow) -> None:
    read_html(_clean(text_of(content, declared_in(content))), into)


def _rtf(content: bytes, into: Flow) -> None:
    source = content.decode("latin-1")
    for name, value in _RTF_SAID.findall(source[:100_000]):
        into.said.setdefault(name, _plain("{\\rtf1 " + value + "}").strip())
    if made := _RTF_MADE.search(source[:100_000]):
        year, month, day, hour, minute = (int(part or 0) for part in made.groups())
        into.said["created"] = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00"
    for line in _clean(_plain(source)).split("\n"):
        into.add(line.rstrip())


def _plain(rtf: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return str(rtf_to_text(rtf, errors="replace"))  # type: ignore[no-untyped-call]


def _mail(content: bytes, into: Flow) -> None:
    message = message_from_bytes(content, policy=default)
    for name in _HEADERS:
        if value := str(message.get(name, "")).strip():
            into.said[name] = value
            into.add(f"{name}: {value}", 2 if name == "Subject" else 0)
    into.add("")
    body = message.get_body(("plain", "html"))
    if isinstance(body, EmailMessage):
        text = body.get_content()
        if body.get_content_type() == HTML:
            read_html(_clean(str(text)), into)
        else:
            for line in _clean(str(text)).split("\n"):
                into.add(line.rstrip())
    for part in message.iter_attachments():
        if attached := part.get_filename():
            into.add(f"Attached: {attached}")


def _text(content: bytes) -> str:
    return _clean(text_of(content, declared_in(content)))


def _clean(text: str) -> str:
    """Lines end with \\n, and there are no control characters, which no reader shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").translate(_CONTROLS)


_READ = {
    "text/markdown": _markdown,
    "text/csv": _table,
    HTML: _html,
    RTF: _rtf,
    MAIL: _mail,
}
