"""Where whole copies may lie: a folder with `originals/` in it, or what `albums backup` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from albums.errors import BadInput
from albums.upkeep.backup.folder import BackupFolder


class Copies:
    """Names files that may be whole; whether they are is for whoever reads them."""

    def __init__(self, source: Path | None, library: Path) -> None:
        """None: there are no copies. Raises BadInput where `source` cannot hold any."""
        if source and not (source / "originals").is_dir():
            raise BadInput(
                f"{source} holds no copies of originals",
                why="There is no folder `originals` in it",
                hint="Name the folder of a backup, as `albums backup` writes it",
            )
        if source and source.resolve() == library.resolve():
            raise BadInput(
                "A library cannot be repaired from itself", hint="Name a backup's folder"
            )
        self._source = source

    def original(self, name: str) -> Path | None:
        """Of the file `<sha256><extension>`."""
        return next(self._beside(name), None)

    def sidecars(self, sha: str) -> Iterator[Path]:
        """The newest first."""
        name = f"{sha}.sidecar.json"
        stored = self._of_snapshots.get(f"originals/{name[:2]}/{name}", [])
        yield from self._beside(name)
        yield from (path for path in stored if path.is_file())

    def _beside(self, name: str) -> Iterator[Path]:
        """As it lies in a library."""
        if self._source:
            path = self._source / "originals" / name[:2] / name
            if path.is_file():  # opening a pipe would wait for a writer
                yield path

    @cached_property
    def _of_snapshots(self) -> dict[str, list[Path]]:
        """What a backup keeps by content: path in the library -> its versions, newest first."""
        if not self._source or not (self._source / "snapshots").is_dir():
            return {}
        backup = BackupFolder(self._source)
        found: dict[str, dict[Path, None]] = {}
        for manifest in reversed(backup.manifests()[0].values()):
            for entry in manifest.entries:
                if entry.kind == "sidecar":
                    found.setdefault(entry.path, {})[backup.sidecar(entry.sha256)] = None
        return {path: list(versions) for path, versions in found.items()}
