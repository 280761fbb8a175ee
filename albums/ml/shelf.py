"""What models are on this machine: list, pull (the one explicit download), verify, choose, load.

Weights lie in `models_dir/<id>/`; what was measured or chosen here lies beside them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from albums.errors import BadInput, ModelMissing
from albums.ml.basic import SPACE as BASIC_SPACE
from albums.ml.basic import BasicEmbedder
from albums.ml.basic_captioner import BasicCaptioner
from albums.ml.clip import PREPARED, ClipEmbedder, Prepared
from albums.ml.hub import Progress
from albums.ml.manifest import MANIFEST, SCRIPT, Kind, Known, read_manifest
from albums.ml.ocr import load_reader, reader_version
from albums.ml.pull import Checked, check_files, pull_model, read_json, read_pulled, write_json

if TYPE_CHECKING:
    from PIL import Image

    from albums.ml.model import Captioner, ImageTextEmbedder, TextReader

State = Literal["shipped", "absent", "partial", "ready", "chosen"]

AUTO, BASIC = "auto", "basic"
_CHOSEN = "chosen.json"
CAPTION_FORM = 1  # raise it when prompts or clean-up change: captions are then written again


@dataclass(frozen=True)
class Row:
    """One model as `albums models list` shows it."""

    id: str
    kind: Kind
    tier: str
    state: State
    hub: str
    revision: str
    commit: str | None  # what the hub said at the pull
    licence: str
    bytes: int | None
    dims: int | None
    px: int | None
    languages: str
    good_for: str
    files: list[dict[str, Any]]  # name, bytes, sha256, trusted: manifest | hub | first use
    engine: dict[str, Any] | None  # what was measured here, and the thresholds

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Shelf:
    """The models of one box. Loads late, once, and never from the network."""

    def __init__(
        self,
        models_dir: Path,
        *,
        embedder: str = AUTO,
        captioner: str = AUTO,
        reader: str = AUTO,
        threads: int = 0,
        manifest: Path = MANIFEST,
        hub: str | None = None,
    ) -> None:
        """The names of models are ids, or auto: what was chosen with `use`, else the best.

        `hub` overrides where `pull` fetches from.
        """
        self._dir, self._threads = models_dir, threads
        self._wanted: dict[Kind, str] = {
            "embedder": embedder,
            "captioner": captioner,
            "reader": reader,
        }
        known = read_manifest(manifest)
        self._hub, self._usual_hub, self._models = hub, known.hub, known.models
        self._loaded: dict[tuple[Kind, str], Any] = {}
        self._lock = threading.RLock()

    # -- what is there ---------------------------------------------------------------------------

    def list(self) -> Sequence[Row]:
        """Every known model with its state here, in the order of the manifest."""
        return [self._row(known) for known in self._models]

    def space(self) -> str:
        """The space of the chosen embedder, without loading it.

        A model that is not downloaded has none yet: then it says so instead of failing.
        """
        known = self._known("embedder")
        if known.id == BASIC:
            return BASIC_SPACE
        return self._prepared(known).space if self._is_here(known) else f"{known.id}:missing"

    def caption_version(self) -> str:
        """The version of the chosen captioner, without loading it."""
        return _caption_version(self._known("captioner"))

    def reader_version(self) -> str:
        """The version of the chosen reader of text, without loading it."""
        return reader_version(self._known("reader"))

    # -- using a model ---------------------------------------------------------------------------

    def embedder(self, space: str | None = None) -> ImageTextEmbedder:
        """The chosen embedder, or the one whose vectors are of `space`. Loaded on first use.

        Raises ModelMissing at once where it is not on the shelf.
        """
        known = self._chosen("embedder") if space is None else self._of_space(space)
        found: ImageTextEmbedder = self._once(known, self._load_embedder)
        return found

    def captioner(self) -> Captioner:
        """The chosen captioner. Raises ModelMissing at once where it is not on the shelf."""
        known = self._chosen("captioner")
        found: Captioner = self._once(known, self._load_captioner)
        return found

    def reader(self) -> TextReader:
        """The chosen reader of text. Raises ModelMissing at once where it is not on the shelf."""
        known = self._chosen("reader")
        found: TextReader = self._once(known, self._load_reader)
        return found

    def use(self, model: str, photos: Sequence[Image.Image] = ()) -> None:
        """Chooses a model from now on and makes it ready; `photos` are samples for the check."""
        for known in self._named(model):
            self._require(known)
            self._make_ready(known, photos)
            chosen = {**self._remembered(), known.kind: known.id}
            self._dir.mkdir(parents=True, exist_ok=True)
            write_json(self._dir / _CHOSEN, chosen)

    # -- the network -----------------------------------------------------------------------------

    def pull(
        self,
        model: str,
        progress: Callable[[Progress], None] = lambda _: None,
        photos: Sequence[Image.Image] = (),
    ) -> Sequence[Row]:
        """Downloads what is missing of a model, checks it and makes it ready to use.

        The only thing in Albums that opens a connection. Goes on where an earlier pull stopped.
        """
        for known in self._named(model):
            if not known.shipped:
                hub = self._hub or known.site or self._usual_hub
                pull_model(known, self._folder(known), hub, progress)
            self._make_ready(known, photos)
        return [self._row(known) for known in self._named(model)]

    def verify(self, model: str) -> Sequence[Checked]:
        """Hashes every file again; takes about a second for a gigabyte."""
        return [
            check
            for known in self._named(model)
            for check in check_files(known, self._folder(known))
        ]

    # -- inside ----------------------------------------------------------------------------------

    def _row(self, known: Known) -> Row:
        pulled = read_pulled(self._folder(known))
        return Row(
            known.id, known.kind, known.tier, self._state(known), known.hub, known.revision,
            next((file["commit"] for file in pulled.values()), None), known.licence, known.bytes,
            known.dims, known.px, known.languages, known.good_for,
            [
                {
                    "name": file.name,
                    "bytes": pulled.get(file.name, {}).get("bytes", file.bytes),
                    "sha256": file.sha256 or pulled.get(file.name, {}).get("sha256"),
                    "trusted": "manifest" if file.sha256
                    else pulled.get(file.name, {}).get("trusted"),
                }
                for file in known.files
            ],
            read_json(self._folder(known) / PREPARED) or None,
        )  # fmt: skip

    def _state(self, known: Known) -> State:
        chosen = self._choice(known.kind) == known.id
        if known.shipped:
            return "chosen" if chosen else "shipped"
        if self._is_here(known):
            return "chosen" if chosen else "ready"
        folder = self._folder(known)
        names = [name for file in known.files for name in (file.name, f"{file.name}.part")]
        return "partial" if any((folder / name).exists() for name in names) else "absent"

    def _choice(self, kind: Kind) -> str:
        """The id that is wanted: set explicitly, else chosen with `use`, else the best here."""
        if self._wanted[kind] != AUTO:
            return self._wanted[kind]
        remembered = self._remembered().get(kind)
        if remembered and self._find(kind, remembered):
            return remembered
        usable = [known.id for known in self._models if known.kind == kind and self._usable(known)]
        return usable[-1]  # the manifest runs from plainest to best

    def _usable(self, known: Known) -> bool:
        """Here and needing no more than to be loaded: `auto` never starts a minute of work."""
        if known.shipped:
            return True
        if known.tier == SCRIPT:
            return False  # which one is wanted depends on what the person reads
        prepared = known.kind != "embedder" or (self._folder(known) / PREPARED).exists()
        return prepared and self._is_here(known)

    def _chosen(self, kind: Kind) -> Known:
        known = self._known(kind)
        self._require(known)
        return known

    def _known(self, kind: Kind) -> Known:
        wanted = self._choice(kind)
        known = self._find(kind, wanted)
        if known is None:
            names = ", ".join(each.id for each in self._models if each.kind == kind)
            raise BadInput(f"There is no {kind} called {wanted}", hint=f"Known are {names}")
        return known

    def _require(self, known: Known) -> None:
        if not known.shipped and not self._is_here(known):
            raise ModelMissing(
                f"The model {known.id} is not downloaded",
                why=f"its files are not all in {self._folder(known)}",
                hint=f"Run: albums models pull {known.id}",
            )

    def _is_here(self, known: Known) -> bool:
        """All files in full length; `verify` also hashes them."""
        folder = self._folder(known)
        wanted = ((folder / file.name, file) for file in known.files if not file.optional)
        return all(
            path.exists() and file.bytes in (None, path.stat().st_size) for path, file in wanted
        )

    def _of_space(self, space: str) -> Known:
        for known in self._models:
            if known.kind != "embedder":
                continue
            prepared = Prepared.read(self._folder(known))
            if space == (BASIC_SPACE if known.id == BASIC else prepared and prepared.space):
                self._require(known)
                return known
        raise ModelMissing(
            f"No model here makes vectors of the space {space}",
            hint="Run: albums models list",
        )

    def _load_embedder(self, known: Known) -> ImageTextEmbedder:
        _offline()
        if known.id == BASIC:
            return BasicEmbedder(self._folder(known), self._threads)
        return ClipEmbedder(known, self._folder(known), self._prepared(known), self._threads)

    def _once(self, known: Known, load: Callable[[Known], Any]) -> Any:
        with self._lock:
            if (known.kind, known.id) not in self._loaded:
                self._loaded[known.kind, known.id] = load(known)
            return self._loaded[known.kind, known.id]

    def _load_reader(self, known: Known) -> TextReader:
        return load_reader(known, self._folder(known), self._threads)

    def _load_captioner(self, known: Known) -> Captioner:
        _offline()
        if known.id == BASIC:
            return BasicCaptioner()
        from albums.ml.vlm import load_captioner

        return load_captioner(known, self._folder(known), _caption_version(known), self._threads)

    def _prepared(self, known: Known) -> Prepared:
        """What was measured; a model put here by hand is measured on its first use."""
        found = Prepared.read(self._folder(known))
        if found is None:
            self._make_ready(known)
            found = Prepared.read(self._folder(known))
        assert found is not None
        return found

    def _make_ready(self, known: Known, photos: Sequence[Image.Image] = ()) -> None:
        _offline()
        with self._lock:
            if known.kind == "embedder" and known.id == BASIC:
                BasicEmbedder(self._folder(known), self._threads).prepare()
            elif known.kind == "embedder":
                from albums.ml.clip_prepare import prepare

                prepare(known, self._folder(known), self._threads, photos)
            elif known.kind == "captioner" and not known.shipped:
                from albums.ml.vlm import engine_of

                engine_of(known, self._folder(known), self._threads)
            self._loaded.pop((known.kind, known.id), None)

    def _named(self, model: str) -> Sequence[Known]:
        found = [known for known in self._models if known.id == model]
        if not found:
            names = ", ".join(dict.fromkeys(known.id for known in self._models))
            raise BadInput(f"There is no model called {model}", hint=f"Known are {names}")
        return found

    def _find(self, kind: Kind, model: str) -> Known | None:
        matching = (known for known in self._models if known.kind == kind and known.id == model)
        return next(matching, None)

    def _folder(self, known: Known) -> Path:
        return self._dir / known.id

    def _remembered(self) -> dict[str, str]:
        return read_json(self._dir / _CHOSEN)


def _caption_version(known: Known) -> str:
    if known.id == BASIC:
        return BasicCaptioner.version
    return f"{known.id}:{known.revision[:8]}:{CAPTION_FORM}"


def _offline() -> None:
    """Before anything of the hub's libraries is imported: they must not even try."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
