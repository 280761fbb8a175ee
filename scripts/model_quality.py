"""How well an embedder finds: captions to photos, and category words, on the sample photos.

python scripts/model_quality.py MODELS_DIR [MODEL]   (needs ALBUMS_SAMPLES, a folder with search/)
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from albums.ml.engines import chunks
from albums.ml.model import ImageTextEmbedder, Label
from albums.ml.shelf import Shelf

_WORD_PHOTOS = (5, 60)  # words with so many photos are asked for


def measure(embedder: ImageTextEmbedder, samples: Path) -> dict[str, float]:
    """recall@k of the captions inside all photos; precision@10 of category words, by labels.

    A category word's photos are those of one ImageNet class below it; captioned photos, of which
    it is not known what they show, are left out there.
    """
    rows = [json.loads(line) for line in (samples / "search/manifest.jsonl").open()]
    seen = []
    for part in chunks(rows, embedder.batch):
        images = [Image.open(samples / "search" / row["path"]).convert("RGB") for row in part]
        seen += embedder.see(images)
    vectors = np.stack([each.vector for each in seen])
    found = {f"recall@{k}": share for k, share in _recall(embedder, rows, vectors).items()}
    scores = [_scores(each.labels) for each in seen]
    words = _words(rows)
    return found | {
        "category words": len(words),
        "P@10 labels": _precision(words, rows, scores),
        "P@10 at most": float(np.mean([min(len(photos), 10) / 10 for photos in words.values()])),
    }


def _scores(labels: tuple[Label, ...]) -> dict[str, float]:
    """Every name and broader name with its best score: the tags that search sees."""
    scores: dict[str, float] = {}
    for label in labels:
        for name in (label.name, *label.broader):
            scores[name] = max(scores.get(name, 0.0), label.score)
    return scores


def _recall(
    embedder: ImageTextEmbedder, rows: list[dict[str, list[str]]], vectors: np.ndarray
) -> dict[int, float]:
    asked = [(text, at) for at, row in enumerate(rows) for text in row.get("captions", [])]
    near = embedder.embed_texts([text for text, _ in asked]) @ vectors.T
    own = near[np.arange(len(asked)), [at for _, at in asked]]
    rank = (near > own[:, None]).sum(1)
    return {k: float((rank < k).mean()) for k in (1, 5, 10)}


def _words(rows: list[dict[str, list[str]]]) -> dict[str, set[int]]:
    photos: dict[str, set[int]] = {}
    for at, row in enumerate(rows):
        for word in (*row.get("synonyms", []), *row.get("hypernyms", [])):
            photos.setdefault(word, set()).add(at)
    few, many = _WORD_PHOTOS
    return {word: at for word, at in photos.items() if few <= len(at) <= many}


def _precision(
    words: dict[str, set[int]], rows: list[dict[str, list[str]]], scores: list[dict[str, float]]
) -> float:
    labelled = [at for at, row in enumerate(rows) if "captions" not in row]
    right = []
    for word, photos in words.items():
        hits = [at for at in labelled if word in scores[at]]
        first = sorted(hits, key=lambda at, word=word: -scores[at][word])[:10]  # type: ignore[misc]
        right.append(len(photos & set(first)) / 10)
    return float(np.mean(right))


if __name__ == "__main__":
    place = os.environ.get("ALBUMS_SAMPLES")
    if not place:
        sys.exit("ALBUMS_SAMPLES is not set: it names the folder with the sample photos (search/)")
    shelf = Shelf(Path(sys.argv[1]), embedder=sys.argv[2] if len(sys.argv) > 2 else "auto")
    for name, value in measure(shelf.embedder(), Path(place)).items():
        print(f"{name:16} {value:.3f}")
