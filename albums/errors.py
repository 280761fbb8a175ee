"""The few ways in which Albums says no. Each error carries what failed, why, and what to do.

The web turns `status` into an HTTP answer and the shell turns `exit_code` into an exit status;
nobody else needs to know either.
"""

from __future__ import annotations


class AlbumsError(Exception):
    """Something a person should read: `what` went wrong, `why`, and a `hint` what to do.

    `facts` are machine-readable details that go into the JSON answer and the log line.
    """

    status = 500
    exit_code = 1
    code = "error"

    def __init__(self, what: str, *, why: str = "", hint: str = "", **facts: object) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.facts = facts

    def __str__(self) -> str:
        sentences = [self.what, self.why, self.hint]
        return " ".join(s if s.endswith((".", "!", "?")) else f"{s}." for s in sentences if s)


class BadInput(AlbumsError):
    """What was sent cannot be understood."""

    status, exit_code, code = 422, 2, "bad-input"


class NotFound(AlbumsError):
    """There is no such thing in this library."""

    status, exit_code, code = 404, 4, "not-found"


class Refused(AlbumsError):
    """The caller may not do this."""

    status, exit_code, code = 403, 5, "refused"


class Conflict(AlbumsError):
    """It can be done, but not now or not twice."""

    status, exit_code, code = 409, 6, "conflict"


class TooLarge(AlbumsError):
    """More than the limits allow."""

    status, exit_code, code = 413, 2, "too-large"


class DiskFull(AlbumsError):
    """The disk has no room; nothing half-written was left behind."""

    status, exit_code, code = 507, 7, "disk-full"


class LibraryUnusable(AlbumsError):
    """The library is locked, corrupt, newer than this program, or its disk is not to be used."""

    status, exit_code, code = 503, 8, "library-unusable"


class ModelMissing(AlbumsError):
    """The chosen model is not on the shelf. Said in milliseconds, never after a network wait."""

    status, exit_code, code = 503, 9, "model-missing"


class Undecodable(AlbumsError):
    """A file could not be opened as a picture. Its original is kept all the same."""

    status, exit_code, code = 422, 10, "undecodable"


def kinds() -> dict[str, type[AlbumsError]]:
    """Every kind of error by its code: how one that crossed a wire becomes itself again."""
    known: list[type[AlbumsError]] = [AlbumsError, *AlbumsError.__subclasses__()]
    return {kind.code: kind for kind in known}
