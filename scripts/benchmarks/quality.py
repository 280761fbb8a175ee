"""Figure 7: does a caption find its photo among all the sample photos? Needs ALBUMS_SAMPLES."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.search.find import Meaning, Page, find
from albums.search.meaning import TextVectors
from albums.search.query import Query
from albums.settings import load_settings
from scripts.benchmarks.table import Row

DEPTHS = (1, 5, 10)
Photo = dict[str, Any]


def run(scratch: Path, samples: Path) -> list[Row]:
    """Meaning only, words only and fused, on one library understood by the basic engine."""
    photos = [json.loads(line) for line in (samples / "search/manifest.jsonl").open()]
    albums = _understood(scratch / "quality", samples / "search", photos)
    try:
        return [*_captions(albums, photos), *_categories(albums, photos)]
    finally:
        albums.close()


def _understood(folder: Path, samples: Path, photos: Sequence[Photo]) -> Albums:
    """All sample photos, taken in under numbers: their real names say what is on them."""
    shutil.rmtree(folder, ignore_errors=True)
    albums = open_albums(load_settings(folder, {}, embedder="basic", captioner="basic"))
    for number, photo in enumerate(photos):
        path = samples / photo["path"]
        receipt = albums.receiver.receive(
            Arrival(f"{number}.jpg", lambda p=path: p.open("rb"), "folder", "bench://")  # type: ignore[misc]
        )
        photo["sha"] = receipt.sha
    albums.runner.start()
    albums.runner.wait_until_idle()
    return albums


def _captions(albums: Albums, photos: Sequence[Photo]) -> Iterator[Row]:
    """Each of five captions of each captioned photo is a query with one right answer."""
    asked = [(c, photo["sha"]) for photo in photos for c in photo.get("captions", ())]
    for mode, search in _modes(albums).items():
        ranks = [_rank(search(caption), sha) for caption, sha in asked]
        shares = " / ".join(
            f"{sum(rank < depth for rank in ranks) / len(ranks):.0%}" for depth in DEPTHS
        )
        yield Row(
            f"{len(asked)} captions -> {len(photos)} photos, {mode}: recall@1 / 5 / 10", shares
        )


def _categories(albums: Albums, photos: Sequence[Photo]) -> Iterator[Row]:
    """One-word queries: every hypernym that 5 to 60 of the labelled photos share."""
    shown: dict[str, set[str]] = {}
    for photo in photos:
        for word in {*photo.get("labels", ()), *photo.get("hypernyms", ())}:
            shown.setdefault(word, set()).add(photo["sha"])
    words = {word: shas for word, shas in shown.items() if 5 <= len(shas) <= 60}
    for mode, search in _modes(albums).items():
        precisions = [
            sum(sha in shas for sha in search(word)[:10]) / min(10, len(shas))
            for word, shas in words.items()
        ]
        yield Row(
            f"{len(words)} category words, {mode}: precision@10",
            f"{sum(precisions) / len(precisions):.2f}",
        )


def _rank(found: Sequence[str], sha: str) -> int:
    return found.index(sha) if sha in found else len(found) + DEPTHS[-1]


def _modes(albums: Albums) -> dict[str, Callable[[str], list[str]]]:
    """Ways to search -> hashes, best first."""
    space = albums.shelf.space()
    texts = TextVectors(lambda space, text: albums.shelf.embedder(space).embed_texts([text])[0])
    meaning = Meaning(albums.meaning, space, texts)
    with albums.library.read() as db:
        sha_of = {row["id"]: row["sha"] for row in db.execute("select id, sha from assets")}

    def by_meaning(text: str) -> list[str]:
        ids, scores = albums.meaning.vectors(space).scores(texts(space, text), None)
        return [sha_of[int(ids[at])] for at in np.argsort(-scores)[:50]]

    def by(meaning: Meaning | None) -> Callable[[str], list[str]]:
        def search(text: str) -> list[str]:
            query = Query(words=tuple(text.lower().split()))
            page = Page(limit=50, weak=True)
            return [a["sha"] for a in find(albums.library, query, page, meaning).assets]

        return search

    return {"meaning only": by_meaning, "words only": by(None), "fused": by(meaning)}
