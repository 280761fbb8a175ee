"""The models we know: models/manifest.json as typed rows. What is here, shelf.py says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

MANIFEST = Path(__file__).parents[2] / "models" / "manifest.json"

Kind = Literal["embedder", "captioner", "reader"]
SCRIPT = "script"  # a tier that is better only for those who read that script: never automatic


@dataclass(frozen=True)
class ModelFile:
    """One file of a model. Where no sha256 is published here, the first pull's is trusted."""

    name: str
    bytes: int | None = None
    sha256: str | None = None
    optional: bool = False  # some publishers leave it out; a 404 is fine then
    folder: str = ""  # where it lies at the hub, with a slash at the end


@dataclass(frozen=True)
class Known:
    """One model of the manifest, in the order from plainest to best within its kind."""

    id: str
    kind: Kind
    family: str  # which of our loaders: basic | open_clip | florence | instruct | ppocr
    tier: str
    licence: str
    good_for: str
    languages: str
    hub: str = ""
    site: str = ""  # where `hub` lies, if not at the manifest's own
    revision: str = ""
    architecture: str = ""  # open_clip's name of the network
    pretrained: str = ""  # open_clip's name of the weights
    dims: int | None = None
    px: int | None = None
    files: tuple[ModelFile, ...] = ()

    @property
    def shipped(self) -> bool:
        return not self.files

    @property
    def bytes(self) -> int | None:
        """What a pull fetches, where the sizes are known beforehand."""
        sizes = [file.bytes for file in self.files if not file.optional]
        return sum(size or 0 for size in sizes) or None


@dataclass(frozen=True)
class Manifest:
    hub: str  # where `pull` fetches from
    models: tuple[Known, ...]


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """The manifest of this release; a malformed one is a defect and raises."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Manifest(raw["hub"], tuple(_known(row) for row in raw["models"]))


def _known(row: dict[str, Any]) -> Known:
    files = tuple(ModelFile(**file) for file in row.pop("files", []))
    return Known(**row, files=files)
