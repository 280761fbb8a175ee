"""Which bytes a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

_MOST = 32  # more ranges than this are an attack or a mistake: the whole file is answered
_RANGE = re.compile(r"([0-9]*)-([0-9]*)")


def parse_range(header: str | None, size: int) -> list[tuple[int, int]] | None:
    """[(first, past the last)] in the order asked; [] when none can be satisfied.

    None when there is no Range or one that makes no sense: then the whole file is the answer.
    """
    unit, _, text = (header or "").partition("=")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(parts) <= _MOST:
        return None
    wanted = []
    for part in parts:
        match = _RANGE.fullmatch(part)
        if match is None or part == "-" or len(part) > 40:
            return None
        first, last = match.groups()
        if first and last and int(first) > int(last):
            return None
        wanted.append(_span(first, last, size))
    return [(start, end) for start, end in wanted if start < end]


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:  # the last so many bytes
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
