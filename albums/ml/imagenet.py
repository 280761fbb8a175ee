"""The 1,000 ImageNet classes: their names, synonyms, glosses and the words above them.

Names and glosses come with timm (WordNet 3.0), the words above from hypernyms.tsv.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

CLASSES = 1000
_HYPERNYMS = Path(__file__).with_name("hypernyms.tsv")


@dataclass(frozen=True)
class KnownClass:
    """One class; `broader` runs from near to far, without words that nobody looks for."""

    wnid: str  # WordNet 3.0 id, such as "n02123045"
    lemmas: tuple[str, ...]  # "tabby", "tabby cat"
    gloss: str
    broader: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.lemmas[0]


@cache
def classes() -> tuple[KnownClass, ...]:
    """All classes in the order of a classifier's outputs."""
    return read_classes(with_hypernyms=True)


def read_classes(*, with_hypernyms: bool) -> tuple[KnownClass, ...]:
    """Reads the tables; without the hypernyms while those are being made."""
    folder = _timm_tables()
    lemmas = _table(folder / "imagenet_synset_to_lemma.txt")
    glosses = _table(folder / "imagenet_synset_to_definition.txt")
    above = _table(_HYPERNYMS) if with_hypernyms else {}
    return tuple(
        KnownClass(
            wnid,
            tuple(lemma.strip() for lemma in lemmas[wnid].split(",")),
            glosses[wnid],
            tuple(word for word in above.get(wnid, "").split("|") if word),
        )
        for wnid in (folder / "imagenet_synsets.txt").read_text().split()
    )


def _timm_tables() -> Path:
    # Not imported: `import timm` takes seconds and torch.
    spec = find_spec("timm")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("timm")
    return Path(spec.origin).parent / "data" / "_info"


def _table(path: Path) -> dict[str, str]:
    rows = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {row[0]: row[1].strip().strip('"') if len(row) == 2 else "" for row in rows}
