"""`albums models`: the shelf of models. `pull` is the only command that touches the network."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, new_table, print_json, print_table, say
from albums.errors import BadInput, Refused
from albums.settings import Settings

if TYPE_CHECKING:
    from PIL import Image

    from albums.ml.hub import Progress
    from albums.ml.model import TextReader
    from albums.ml.shelf import Shelf

_QUERIES = 20

group = typer.Typer(help="Models: list, fetch, verify, choose, measure.", no_args_is_help=True)
Model = Annotated[str, typer.Argument(metavar="MODEL", help="As `albums models list` names it.")]
SomeModel = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="As `albums models list` names it.")
]


@group.command("list")
def list_models(library: Library = None, as_json: Json = False) -> None:
    """Show every known model, and which are here and chosen."""
    rows = _shelf(settings_of(library)).list()
    if as_json:
        print_json([row.as_dict() for row in rows])
        return
    table = new_table("model", "kind", "tier", "state", "size", "licence", "good for")
    for row in rows:
        size = f"{row.bytes / 1e6:.0f} MB" if row.bytes else ""
        table.add_row(row.id, row.kind, row.tier, row.state, size, row.licence, row.good_for)
    print_table(table)


@group.command()
def pull(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Without it: the default models.")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Download a model, check it and make it ready. Goes on where an earlier pull stopped."""
    settings = settings_of(library)
    shelf = _shelf(settings)
    known = shelf.list()
    if model and model not in [row.id for row in known]:
        raise BadInput(f"There is no model called {model}", hint="See albums models list")
    _only_outside_the_box()
    wanted = [model] if model else [row.id for row in known if row.tier == "default"]
    photos = _samples(settings)
    with Meter() as meter:
        rows = [row for name in wanted for row in shelf.pull(name, _showing(meter), photos)]
    _tell_the_box(settings)
    if as_json:
        print_json([row.as_dict() for row in rows])
    else:
        for row in rows:
            print(f"{row.id} is here ({row.state}).")


def _only_outside_the_box() -> None:
    from albums.identity.egress import guarding

    if guarding():
        raise Refused(
            "A model is fetched by a process of its own",
            why="This one serves a library, and nothing leaves it any more",
            hint="Run `albums models pull` in the shell; the box notices when it is done",
        )


def _showing(meter: Meter) -> Any:
    began = time.monotonic()

    def show(progress: Progress) -> None:
        rate = progress.done / (time.monotonic() - began + 0.001) / 1e6
        meter.show(progress.file, progress.done, progress.total, f"{rate:.1f} MB/s")

    return show


@group.command()
def verify(model: SomeModel = None, library: Library = None, as_json: Json = False) -> None:
    """Hash the files of a model (or of all that are here) again."""
    shelf = _shelf(settings_of(library))
    here = dict.fromkeys(row.id for row in shelf.list() if row.state in ("ready", "chosen"))
    checks = {name: shelf.verify(name) for name in ([model] if model else here)}
    broken = [f"{name}/{c.file}" for name, found in checks.items() for c in found if not c.ok]
    if as_json:
        print_json({name: [vars(check) for check in found] for name, found in checks.items()})
    else:
        for name, found in checks.items():
            print(f"{name}: {sum(check.ok for check in found)} of {len(found)} files are whole")
        for file in broken:
            say(f"  {file} is missing or damaged; albums models pull brings it again")
    if broken:
        raise typer.Exit(1)


@group.command()
def use(model: Model, library: Library = None) -> None:
    """Choose a model. What depends on it is done anew; the old index serves until then."""
    settings = settings_of(library)
    _shelf(settings).use(model, _samples(settings))
    _tell_the_box(settings)
    print(f"{model} is used from now on.")
    for kind in ("embedder", "captioner", "reader"):
        if getattr(settings, kind) != "auto":
            say(f"But {kind} = {getattr(settings, kind)!r} in albums.toml comes before this choice")


@group.command()
def bench(model: SomeModel = None, library: Library = None, as_json: Json = False) -> None:
    """Measure a model that is here (default: those chosen), on photos of the library if any."""
    settings = settings_of(library)
    rows = [
        row
        for row in _shelf(settings).list()
        if (row.id == model if model else row.state == "chosen")
    ]
    if not rows:
        raise BadInput(f"There is no model called {model}", hint="See albums models list")
    photos = _samples(settings) or _made_up()
    figures = [
        {"model": row.id, "kind": row.kind} | _measured(settings, row.kind, row.id, photos)
        for row in rows
    ]
    if as_json:
        print_json(figures)
    else:
        for figure in figures:
            print(", ".join(f"{name} {value}" for name, value in figure.items()))


def _measured(
    settings: Settings, kind: str, model: str, photos: list[Image.Image]
) -> dict[str, Any]:
    """Seconds, after one warm-up each; loading is not counted."""
    from albums.ml.model import Scene
    from albums.ml.shelf import Shelf

    shelf = Shelf(settings.models, **{kind: model}, threads=settings.model_threads)  # type: ignore[arg-type]
    if kind == "captioner":
        captioner = shelf.captioner()
        captioner.caption(Scene(photos[0]))
        few = photos[:4]
        seconds = _seconds(lambda: [captioner.caption(Scene(photo)) for photo in few])
        return {"engine": captioner.engine, "seconds a caption": round(seconds / len(few), 3)}
    if kind == "reader":
        return _reading(shelf.reader(), photos[:8])
    embedder = shelf.embedder()
    batch = list(itertools.islice(itertools.cycle(photos), max(embedder.batch, 1)))
    embedder.see(batch)
    embedder.embed_texts(["a photo"])
    seeing = _seconds(lambda: embedder.see(batch)) / len(batch)
    asking = _seconds(lambda: [embedder.embed_texts([f"a dog {n}"]) for n in range(_QUERIES)])
    return {
        "engine": embedder.engine,
        "images a second": round(1 / seeing, 1),
        "milliseconds a query": round(asking / _QUERIES * 1000, 1),
    }


def _reading(reader: TextReader, photos: list[Image.Image]) -> dict[str, Any]:
    reader.read(photos[0])
    glancing = _seconds(lambda: [reader.glance(photo) for photo in photos]) / len(photos)
    reading = _seconds(lambda: [reader.read(photo) for photo in photos]) / len(photos)
    return {
        "milliseconds a glance": round(glancing * 1000, 1),
        "seconds a picture": round(reading, 3),
    }


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _shelf(settings: Settings) -> Shelf:
    from albums.ml.shelf import Shelf

    return Shelf(
        settings.models,
        embedder=settings.embedder,
        captioner=settings.captioner,
        reader=settings.reader,
        threads=settings.model_threads,
    )


def _samples(settings: Settings) -> list[Image.Image]:
    """Reading them needs no box."""
    from albums.ml.samples import samples

    return samples(settings.library / "pictures")


def _made_up() -> list[Image.Image]:
    """The speed of a model does not depend on what is in the picture."""
    from PIL import Image

    return [Image.effect_noise((800, 600), 20 + n).convert("RGB") for n in range(8)]


def _tell_the_box(settings: Settings) -> None:
    """A box that runs opens the work that depends on models again; another finds out itself."""
    from albums.cli.box import reach
    from albums.cli.serving import is_held

    if is_held(settings.library):
        with reach(settings) as box:
            box.ask("POST", "/api/v1/models/changed")
