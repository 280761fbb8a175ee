"""The process that makes one film playable: `python -m albums.media.transcode`. It limits itself,
reads one job from its standard input, tells of its progress, answers, and ends."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media import frames
from albums.media.worker import limit, private_stdout, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_JOB = frames.DEPTH * 1000  # bytes


def main() -> None:
    job = read_frame(sys.stdin.buffer, _JOB)
    if not isinstance(job, dict):
        return
    answers = private_stdout()
    limit(job["memory"], job["niceness"], job["largest"])
    write_frame(answers, _answer(job, lambda at: write_frame(answers, {"at": at})))


def _answer(job: Mapping[str, object], tell: Callable[[float], None]) -> dict[str, object]:
    from albums.media.film_file import BROKEN  # what is loaded counts against the limit
    from albums.media.film_job import Wanted
    from albums.media.film_making import make

    try:
        wanted = Wanted(**{name: job[name] for name in Wanted.__annotations__})  # type: ignore[arg-type]
        return {"result": dataclasses.asdict(make(wanted, job["target"], tell))}  # type: ignore[arg-type]
    except Undecodable as error:
        return {"failed": "undecodable", "what": error.what, "why": error.why}
    except MemoryError:
        return {"failed": "memory"}
    except BROKEN as error:
        number = error.errno if isinstance(error, OSError) else None
        return {"failed": "error", "why": f"{type(error).__name__}: {error}", "errno": number}


if __name__ == "__main__":
    main()
