"""`scripts/bench [FIGURE ...]` measures and prints README's figures as tables.

Figures: pictures, embedding, captions, search, ingest, start, contention, quality, facts,
samples, identity, verify, export, uploads, rebuild, takeout, video, kills, ocr, web.
Libraries of generated assets are kept in the scratch folder for the next run. ALBUMS_SAMPLES names
the folder of sample photos; figures that need it say so without it.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

from scripts.benchmarks.table import Row, markdown

DEFAULT_SIZES = "20000,100000,1000000"


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("figures", nargs="*", choices=[*FIGURES, []], help="default: all")
    parser.add_argument("--scratch", type=Path, default=Path("bench"), help="folder for files")
    parser.add_argument("--sizes", default=DEFAULT_SIZES, help="assets of generated libraries")
    parser.add_argument("--media", type=int, default=20_000, help="of the generated Takeout")
    parser.add_argument("--kills", type=int, default=50, help="of its import")
    chosen = parser.parse_args()
    chosen.scratch.mkdir(parents=True, exist_ok=True)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
    for name in chosen.figures or FIGURES:
        title, measure = FIGURES[name]
        print(markdown(title, measure(chosen)), flush=True)


def _pictures(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import pictures

    return pictures.run(chosen.scratch)


def _embedding(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import clip_engines, embedding

    models = clip_engines.make_shelf(chosen.scratch / "models")
    none = chosen.scratch / "no-models"
    return [
        *clip_engines.run(models),
        *embedding.run(chosen.scratch, models, clip_engines.MODEL, "CLIP ViT-B-32-256"),
        *embedding.run(chosen.scratch, none, "basic", "basic"),
    ]


def _captions(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import captions

    return captions.run(chosen.scratch / "models")


def _search(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import clip_engines, large, search

    models = clip_engines.make_shelf(chosen.scratch / "models")
    rows = []
    for count in _sizes(chosen):
        library = large.large_library(chosen.scratch, count, models, clip_engines.MODEL)
        rows += search.run(chosen.scratch, library, with_postgres=count <= 100_000)
    return rows


def _ingest(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import ingest

    return ingest.run(chosen.scratch)


def _start(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import clip_engines, large, start

    models = clip_engines.make_shelf(chosen.scratch / "models")
    libraries = [
        large.large_library(chosen.scratch, count, models, clip_engines.MODEL)
        for count in _sizes(chosen)
    ]
    return start.run(chosen.scratch, libraries)


def _contention(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import clip_engines, contention, large

    models = clip_engines.make_shelf(chosen.scratch / "models")
    library = large.large_library(chosen.scratch, 20_000, models, clip_engines.MODEL)
    return contention.run(chosen.scratch, library)


def _quality(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import quality

    samples = _samples()
    return quality.run(chosen.scratch, samples) if samples else _NO_SAMPLES


def _facts(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import facts

    samples = _samples()
    return facts.run(samples) if samples else _NO_SAMPLES


def _taken_in(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import samples

    folder = _samples()
    return samples.run(chosen.scratch, folder) if folder else _NO_SAMPLES


def _identity(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import identity

    return identity.run(chosen.scratch)


def _verify(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import verify

    return verify.run(chosen.scratch)


def _uploads(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import uploads

    return uploads.run(chosen.scratch)


def _rebuild(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import rebuild

    return rebuild.run(chosen.scratch)


def _takeout(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import takeout

    return takeout.run(chosen.scratch, chosen.media)


def _kills(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import takeout_killed

    return takeout_killed.run(chosen.scratch, chosen.kills)


def _documents(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import documents

    return documents.run(chosen.scratch)


def _export(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import export

    return export.run(chosen.scratch)


def _video(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import clip_engines, video

    models = clip_engines.make_shelf(chosen.scratch / "models")
    return video.run(
        chosen.scratch,
        {
            "CLIP ViT-B-32-256": (models, clip_engines.MODEL),
            "basic": (chosen.scratch / "no-models", "basic"),
        },
    )


def _ocr(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import ocr

    samples = _samples()
    return ocr.run(chosen.scratch, samples) if samples else _NO_SAMPLES


def _sizes(chosen: argparse.Namespace) -> list[int]:
    return [int(size) for size in chosen.sizes.split(",")]


def _samples() -> Path | None:
    folder = os.environ.get("ALBUMS_SAMPLES")
    return Path(folder) if folder else None


def _looks(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import looks

    samples = os.environ.get("ALBUMS_SAMPLES")
    return looks.run(chosen.scratch, Path(samples)) if samples else _NO_SAMPLES


def _web(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import web

    return web.run(chosen.scratch)


def _duplicates(chosen: argparse.Namespace) -> list[Row]:
    from scripts.benchmarks import duplicates

    samples = _samples()
    return duplicates.run(chosen.scratch, samples) if samples else _NO_SAMPLES


_NO_SAMPLES = [Row("not measured", "", "ALBUMS_SAMPLES names no folder of sample photos")]
FIGURES: dict[str, tuple[str, Callable[[argparse.Namespace], list[Row]]]] = {
    "pictures": ("1. Pictures of a 12-megapixel JPEG", _pictures),
    "embedding": ("2. Embedding", _embedding),
    "captions": ("2. Seconds a caption", _captions),
    "search": ("3. Search over HTTP", _search),
    "ingest": ("4. From bytes to acknowledged", _ingest),
    "start": ("5. Known files, start-up, memory", _start),
    "contention": ("6. Search while the box works", _contention),
    "quality": ("7. Does search find it", _quality),
    "facts": ("8. Facts beside exiftool's", _facts),
    "samples": ("Every file of the sample data", _taken_in),
    "identity": ("9. What identity costs", _identity),
    "verify": ("Reading every original again", _verify),
    "uploads": ("Uploads in pieces", _uploads),
    "rebuild": ("The database anew", _rebuild),
    "documents": ("Documents", _documents),
    "looks": ("Screenshots, receipts, documents, memes", _looks),
    "duplicates": ("Copies", _duplicates),
    "export": ("Leaving with everything", _export),
    "takeout": ("A whole Takeout", _takeout),
    "video": ("A film", _video),
    "ocr": ("Text in pictures", _ocr),
    "web": ("The pages in a browser", _web),
    "kills": ("An import of a Takeout that is killed", _kills),
}

if __name__ == "__main__":
    main()
