"""The SHA-256 of an archive, made while its entries are read: the disk reads it once."""

from __future__ import annotations

import hashlib
import threading
from types import TracebackType
from typing import Self

from albums.sources.archives import Part

_CHUNK = 4 << 20  # bytes


class Fingerprint:
    """Runs inside a `with`; `sha` is there after it, None for a folder and where it was left
    early."""

    def __init__(self, part: Part, known: str | None) -> None:
        self.sha = known
        self._part = part
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._hash, name="import-hash", daemon=True)

    def __enter__(self) -> Self:
        if self.sha is None and self._part.kind != "folder":
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error:
            self._leave.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _hash(self) -> None:
        digest = hashlib.sha256()
        try:
            with self._part.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    if self._leave.is_set():
                        return
                    digest.update(chunk)
        except OSError:
            return  # the pass over its entries says what is wrong
        self.sha = digest.hexdigest()
