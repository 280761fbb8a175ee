"""Reads the fields of tailscaled's JSON.

New fields, missing ones and Go's null collections are nothing special; a field of another type
than documented is: nobody is let in by an answer that was not understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")

_LONGEST = 255  # characters of a name; DNS has no longer ones


class Malformed(ValueError):
    """A field is not what LocalAPI documents."""


def table(value: Any) -> Mapping[str, Any]:
    return _typed(value, dict, {})


def items(value: Any) -> list[Any]:
    return _typed(value, list, [])


def text(value: Any) -> str:
    """Without what cannot be shown or stored: control characters, lone surrogates."""
    return "".join(c for c in _typed(value, str, "") if c.isprintable())[:_LONGEST]


def texts(value: Any) -> tuple[str, ...]:
    return tuple(text(one) for one in items(value))


def flag(value: Any, *, missing: bool = False) -> bool:
    return _typed(value, bool, missing)


def number(value: Any) -> int:
    """An id: never negative, and no larger than a database keeps."""
    found = _typed(value, int, 0)
    if isinstance(found, bool) or not 0 <= found < 2**63:
        raise Malformed(f"an id that is no id: {found}")
    return found


def _typed(value: Any, kind: type[T], missing: T) -> T:
    if value is None:
        return missing
    if not isinstance(value, kind):
        raise Malformed(f"{type(value).__name__} where {kind.__name__} was expected")
    return value
