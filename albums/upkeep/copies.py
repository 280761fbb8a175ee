"""Where whole copies may lie: a folder with `originals/` in it, or what `albums backup` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from albums.errors import BadInput
from albums.upkeep.backup_folder import BackupFolder


class Copies:
    """Names files that may be whole; whether they are is for whoever reads them."""

    def __init__(self, source: Path, library: Path) -> None:
        """Raises BadInput where `source` cannot hold copies of the library's files."""
        if not (source / "originals").is_dir():
            raise BadInput(
                f"{source} holds no copies of originals",
                why="There is no folder `originals` in it",
                hint="Name the folder of a backup, as `albums backup` writes it",
            )
        if source.resolve() == library.resolve():
            raise BadInput(
                "A library cannot be repaired from itself", hint="Name a backup's folder"
            )
        self._source = source

    def original(self, name: str) -> Path | None:
        """Of the file `<sha256><extension>`."""
        copy = self._beside(name)
        return copy if copy.is_file() else None  # opening a pipe would wait for a writer

    def sidecars(self, sha: str) -> Iterator[Path]:
        """The newest first."""
        name = f"{sha}.sidecar.json"
        stored = self._of_snapshots.get(f"originals/{name[:2]}/{name}", [])
        yield from (path for path in (self._beside(name), *stored) if path.is_file())

    def _beside(self, name: str) -> Path:
        return self._source / "originals" / name[:2] / name

    @cached_property
    def _of_snapshots(self) -> dict[str, list[Path]]:
        """What a backup keeps by content: path in the library -> its versions, newest first."""
        if not (self._source / "snapshots").is_dir():
            return {}
        backup = BackupFolder(self._source)
        found: dict[str, dict[Path, None]] = {}
        for manifest in reversed(backup.manifests()[0].values()):
            for entry in manifest.entries:
                if entry.kind == "sidecar":
                    found.setdefault(entry.path, {})[backup.sidecar(entry.sha256)] = None
        return {path: list(versions) for path, versions in found.items()}
