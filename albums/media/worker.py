"""The decoder process: `python -m albums.media.worker`. It limits itself, then answers calls from
its standard input until that ends, and so dies with its parent."""

from __future__ import annotations

import dataclasses
import importlib
import os
import resource
import signal
import struct
import sys
import zlib
from typing import BinaryIO

from albums.errors import Undecodable
from albums.media import frames
from albums.media.seccomp import leave_network

# What a function may raise for what is in a file; anything else ends the process, and the parent
# reports that.
FAILURES = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    SyntaxError,
    RuntimeError,
    AssertionError,
    EOFError,
    struct.error,
    zlib.error,
)
GRACE = 10  # seconds after the parent's own limit


def main() -> None:
    """Settings come as one frame before the calls: memory in bytes, seconds, niceness."""
    requests, answers = sys.stdin.buffer, private_stdout()
    settings = read_frame(requests, frames.DEPTH * 1000)
    if not isinstance(settings, dict):
        return
    limit(settings["memory"], settings["niceness"])
    write_frame(answers, {"ready": True})
    while (request := read_frame(requests, None)) is not None:
        # The parent kills us when time is up; the alarm does it where the parent died meanwhile.
        signal.alarm(int(settings["seconds"]) + GRACE)
        answer = _answer(request)
        write_frame(answers, answer)
        signal.alarm(0)
        if answer.get("failed") == "memory":
            return  # what is left after running out of memory is not to be trusted


def limit(memory: int, niceness: int, largest: int = 0) -> None:
    """Memory, no core dumps, no files (or none above `largest` bytes), no network, low priority:
    as far as the system can."""
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_FSIZE, largest)
    if sys.platform == "linux":
        _cap(resource.RLIMIT_AS, memory)
    leave_network()
    os.nice(niceness)


def read_frame(stream: BinaryIO, largest: int | None) -> object:
    """The next value, or None where the stream ends. Raises ValueError above `largest` bytes."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack("<I", head)
    if largest is not None and size > largest:
        raise ValueError(f"The frame has {size} bytes.")
    return frames.unpack(stream.read(size))


def write_frame(stream: BinaryIO, value: object) -> None:
    content = frames.pack(value)
    stream.write(struct.pack("<I", len(content)) + content)
    stream.flush()


def _answer(request: object) -> dict[str, object]:
    if not isinstance(request, dict):
        raise TypeError("A call is a dict.")
    function = getattr(importlib.import_module(request["module"]), request["name"])
    try:
        return {"result": _plain(function(*request["args"]))}
    except Undecodable as error:
        facts = {name: str(value) for name, value in error.facts.items()}
        return {
            "failed": "undecodable",
            "what": error.what,
            "why": error.why,
            "hint": error.hint,
        } | {"facts": facts}
    except MemoryError:
        return {"failed": "memory"}
    except FAILURES as error:
        return {"failed": "error", "why": f"{type(error).__name__}: {error}"}


def _plain(result: object) -> object:
    """A dataclass goes as its fields; the parent knows its type."""
    if dataclasses.is_dataclass(result):
        return {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return result


def private_stdout() -> BinaryIO:
    """The pipe to the parent, out of reach of libraries that write to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _cap(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
