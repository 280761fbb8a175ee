"""Plain values as bytes, for the pipe to a decoder process. What comes back from there may be
hostile, so nothing here can run code (pickle can) or take more memory than the frame itself."""

from __future__ import annotations

import struct
from pathlib import Path

DEPTH = 50  # a hostile frame could nest until Python's own stack ends


def pack(value: object) -> bytes:
    """None, bool, int, float, str, bytes, Path, list, tuple (as list) and dict.

    Raises TypeError for anything else.
    """
    out = bytearray()
    _write(out, value)
    return bytes(out)


def unpack(frame: bytes) -> object:
    """The value of a frame. Raises ValueError where it is not one."""
    try:
        value, end = _read(memoryview(frame), 0, 0)
    except (struct.error, IndexError, UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"The frame is broken ({error}).") from error
    if end != len(frame):
        raise ValueError("The frame has more bytes than its value.")
    return value


def _write(out: bytearray, value: object) -> None:
    match value:
        case None | True | False:
            out += {None: b"N", True: b"T", False: b"F"}[value]
        case int():
            _sized(out, b"i", str(value).encode("ascii"))
        case float():
            out += b"f" + struct.pack("<d", value)
        case str():  # names of files may hold bytes that are no characters
            _sized(out, b"s", value.encode("utf-8", "surrogatepass"))
        case bytes():
            _sized(out, b"b", value)
        case Path():
            _sized(out, b"p", str(value).encode("utf-8", "surrogatepass"))
        case list() | tuple():
            out += b"l" + struct.pack("<I", len(value))
            for item in value:
                _write(out, item)
        case dict():
            out += b"d" + struct.pack("<I", len(value))
            for key, item in value.items():
                _write(out, key)
                _write(out, item)
        case _:
            raise TypeError(f"{type(value).__name__} cannot go through a frame.")


def _sized(out: bytearray, tag: bytes, content: bytes) -> None:
    out += tag + struct.pack("<I", len(content)) + content


def _read(frame: memoryview, at: int, depth: int) -> tuple[object, int]:
    tag, at = frame[at], at + 1
    if tag in b"NTF":
        return {ord("N"): None, ord("T"): True, ord("F"): False}[tag], at
    if tag == ord("f"):
        return struct.unpack_from("<d", frame, at)[0], at + 8
    (size,) = struct.unpack_from("<I", frame, at)
    at += 4
    if size > len(frame) - at:
        raise ValueError("The frame ends too early.")
    if tag in b"isbp":
        return _plain(tag, bytes(frame[at : at + size])), at + size
    if depth > DEPTH or tag not in b"ld":
        raise ValueError("The frame is broken.")
    items: list[object] = []
    for _ in range(size if tag == ord("l") else 2 * size):
        item, at = _read(frame, at, depth + 1)
        items.append(item)
    return (items if tag == ord("l") else dict(zip(items[::2], items[1::2], strict=True))), at


def _plain(tag: int, content: bytes) -> object:
    if tag == ord("b"):
        return content
    text = content.decode("utf-8", "surrogatepass")
    if tag == ord("i"):
        return int(text)  # Python itself refuses numbers with thousands of digits
    return Path(text) if tag == ord("p") else text
