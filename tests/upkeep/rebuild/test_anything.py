"""Whatever is done to a library in whatever order, a rebuild brings all of it back."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from albums.assembly import Albums, open_albums
from albums.curate import assets as curate
from albums.curate import collections as curate_collections
from albums.curate import devices as curate_devices
from albums.curate import stacks as curate_stacks
from albums.curate import trash as curate_trash
from albums.errors import AlbumsError
from albums.ingest.step import Done, Lane, Outcome, Skipped, Step, Tools
from albums.ingest.steps.caption import write_caption
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.record import RecordStep
from albums.ingest.steps.words import WordsStep
from albums.ingest.steps.zone import ZoneStep
from albums.library.assets import Asset
from albums.library.facts import Claim, claims_of, replace_claims, settle
from albums.library.tags import replace_tags
from albums.ml.model import Caption
from albums.settings import Settings
from albums.upkeep.rebuild import canonical_export, rebuild
from tests.arrivals import arrival_of
from tests.curate.conftest import rooms_of

pytestmark = pytest.mark.slow
WORDS = ("sea", "dog", "night", "Porto")
NUMBERS = st.integers(0, 4)
NAMES = st.sampled_from(["a.jpg", "ß \N{SNOWMAN}.txt", "IMG_20240701_120000.jpg"])
ALBUMS = st.sampled_from(["Trip", "Été 2024", "x"])
ARRIVAL_CLAIMS = st.lists(
    st.sampled_from(
        [
            Claim("rating", 3, "sidecar"),
            Claim("rating", 5, "sidecar", 0.9),
            Claim("location", [38.7, -9.1], "sidecar", 0.8, "takeout"),
            Claim("title", "From the \N{LATIN SMALL LETTER E WITH ACUTE}xport", "sidecar"),
            Claim("captured_at", "2001-02-03T04:05:06", "sidecar", 0.95),
        ]
    ),
    max_size=3,
).map(tuple)
EDITS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["title", "description", "rating", "favourite", "hidden", "location",
                     "captured_at"]),
    st.none() | st.just(1), min_size=1, max_size=3,
)  # fmt: skip
SAID = {
    "title": "Mine", "description": "By me", "rating": 4, "favourite": True, "hidden": True,
    "location": [48.85, 2.35], "captured_at": "1999-12-31T23:59:59+01:00",
}  # fmt: skip


class Facts:
    """What a file says of itself: drawn from its hash, and from what is known of it besides."""

    name = "facts"
    lane: Lane = "cpu"
    batch = 8
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""create table if not exists exif (
            asset_id integer primary key references assets on delete cascade,
            tags text not null)""")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._facts(asset, tools) for asset in assets]

    def _facts(self, asset: Asset, tools: Tools) -> Outcome:
        number = int(asset.sha[:4], 16)
        with tools.library.read() as db:
            where = [c.value for c in claims_of(db, asset.id) if c.field == "location"]
            known = {c for c in map(repr, claims_of(db, asset.id)) if "'name'" in c}
        zone = "+01:00" if where else ""
        claims = [Claim("captured_at", f"2024-07-01T12:00:00{zone}", "name", 0.5)]
        claims += [Claim("title", "In the file", "xmp")] if number % 2 else []

        def write(db: sqlite3.Connection) -> None:
            replace_claims(db, asset.id, ("name", "xmp"), claims)
            replace_tags(db, asset.id, "file", [(WORDS[number % 3], 1.0), (WORDS[3], 1.0)])
            settle(db, asset.id, tools.home)

        return Done(write, changed=not known or {repr(claims[0])} != known)


class Embed:
    """Labels."""

    name = "embed"
    lane: Lane = "model"
    batch = 8
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("create table if not exists labels (asset_id integer)")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [Done(lambda db, a=a: replace_tags(db, a.id, "labels", [("dog", 0.7)]))  # type: ignore[misc]
                for a in assets]  # fmt: skip


class Captioner:
    """Counts what it writes, so that writing once more shows."""

    model, engine, version = "test", "test", "test:1"
    written = 0


class CaptionStep:
    """Describes all but one in five."""

    name = "caption"
    lane: Lane = "model"
    batch = 1
    needs: tuple[str, ...] = ("facts", "embed")
    follows: tuple[str, ...] = ("place",)

    def version(self, tools: Tools) -> str:
        return Captioner.version

    def prepare(self, db: sqlite3.Connection) -> None:
        pass

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        [asset] = assets
        if int(asset.sha[:4], 16) % 5 == 0:
            return [Skipped("no picture")]
        Captioner.written += 1
        caption = Caption(f"Caption {Captioner.written}", "A dog by the sea", ("dog", "sea"))
        return [Done(lambda db: write_caption(db, asset.id, caption, Captioner()))]  # type: ignore[arg-type]


STEPS: tuple[Step, ...] = (
    Facts(), ZoneStep(), PlaceStep(), Embed(), WordsStep(), CaptionStep(), RecordStep(),
)  # fmt: skip


@contextmanager
def refusing() -> Iterator[None]:
    """What the library says no to is no news here."""
    with suppress(AlbumsError):
        yield


class AnyLibrary(RuleBasedStateMachine):
    """A library of five files that come and go."""

    albums: Albums

    @initialize()
    def begin(self) -> None:
        self.patch = patch("albums.assembly.STEPS", STEPS)
        self.patch.start()
        self.folder = Path(tempfile.mkdtemp())
        self.settings = Settings(library=self.folder, workers=1, time_zone="UTC")
        self.albums = open_albums(self.settings)
        self.shas: list[str] = ["0" * 64]

    def teardown(self) -> None:
        if hasattr(self, "albums"):
            try:
                self.rebuild()
            finally:
                self.albums.close()
                self.patch.stop()
                shutil.rmtree(self.folder)

    def sha(self, number: int) -> str:
        return self.shas[number % len(self.shas)]

    @rule(
        number=NUMBERS, name=NAMES, folder=st.sampled_from(["", "DCIM/1"]),
        key=st.sampled_from([None, "file:///1", "file:///2"]), claims=ARRIVAL_CLAIMS,
        collections=st.lists(ALBUMS, max_size=2, unique=True).map(tuple), again=st.booleans(),
        modified_ns=st.sampled_from([None, 1, 2]),
    )  # fmt: skip
    def arrive(self, number: int, **fields: Any) -> None:
        content = f"content {number}".encode()
        receipt = self.albums.receiver.receive(arrival_of(content, source="folder", **fields))
        if receipt.sha not in self.shas:
            self.shas.append(receipt.sha)

    @rule(number=NUMBERS, facts=EDITS)
    def edit(self, number: int, facts: dict[str, Any]) -> None:
        said = {field: value and SAID[field] for field, value in facts.items()}
        with refusing():
            curate.edit(rooms_of(self.albums), self.sha(number), said)

    @rule(number=NUMBERS, tag=st.sampled_from(WORDS), add=st.booleans())
    def tag(self, number: int, tag: str, add: bool) -> None:
        added, removed = ([tag], []) if add else ([], [tag])
        with refusing():
            curate.edit(rooms_of(self.albums), self.sha(number), add=added, remove=removed)

    @rule(name=ALBUMS, description=st.sampled_from(["", "of 2024"]))
    def create(self, name: str, description: str) -> None:
        with refusing():
            curate_collections.create(rooms_of(self.albums), name, description)

    @rule(name=ALBUMS, numbers=st.lists(NUMBERS, min_size=1, max_size=3))
    def add(self, name: str, numbers: list[int]) -> None:
        with refusing():
            curate_collections.add(rooms_of(self.albums), name, [self.sha(n) for n in numbers])

    @rule(name=ALBUMS, number=NUMBERS)
    def take_out(self, name: str, number: int) -> None:
        with refusing():
            curate_collections.remove(rooms_of(self.albums), name, [self.sha(number)])

    @rule(name=ALBUMS)
    def delete_collection(self, name: str) -> None:
        with refusing():
            curate_collections.delete(rooms_of(self.albums), name)

    @rule(name=ALBUMS, query=st.sampled_from(["year:2024", "sea tag:x"]), frozen=st.booleans())
    def create_smart(self, name: str, query: str, frozen: bool) -> None:
        with refusing():
            curate_collections.create(rooms_of(self.albums), name, query=query)
            if frozen:
                curate_collections.freeze(rooms_of(self.albums), name, [self.sha(1)])

    @rule(name=ALBUMS, new=ALBUMS)
    def rename_collection(self, name: str, new: str) -> None:
        with refusing():
            curate_collections.change(rooms_of(self.albums), name, {"name": new})

    @rule(name=ALBUMS, number=NUMBERS, sort=st.sampled_from(["newest", "oldest", "hand"]))
    def show_collection(self, name: str, number: int, sort: str) -> None:
        said = {"cover": self.sha(number), "sort": sort}
        with refusing():
            curate_collections.change(rooms_of(self.albums), name, said)

    @rule(name=ALBUMS, numbers=st.lists(NUMBERS, min_size=1, max_size=2), before=NUMBERS)
    def move_in_collection(self, name: str, numbers: list[int], before: int) -> None:
        with refusing():
            curate_collections.move(
                rooms_of(self.albums), name, [self.sha(n) for n in numbers], self.sha(before)
            )

    @rule(numbers=st.lists(NUMBERS, min_size=2, max_size=3))
    def stack(self, numbers: list[int]) -> None:
        with refusing():
            curate_stacks.join(rooms_of(self.albums), [self.sha(n) for n in numbers])

    @rule(number=NUMBERS)
    def trash(self, number: int) -> None:
        with refusing():
            curate_trash.trash(rooms_of(self.albums), [self.sha(number)])

    @rule(number=NUMBERS)
    def restore(self, number: int) -> None:
        with refusing():
            curate_trash.restore(rooms_of(self.albums), [self.sha(number)])

    @rule(number=NUMBERS)
    def purge(self, number: int) -> None:
        with refusing():
            curate_trash.purge(rooms_of(self.albums), [self.sha(number)], confirmed=True)

    @rule(number=NUMBERS)
    def receipt(self, number: int) -> None:
        with refusing():
            self.albums.proof.give(self.sha(number), "test://phone")

    @rule(who=st.sampled_from(["n1", "n2"]), name=st.sampled_from(["s24", "Pixel ∞"]))
    def come(self, who: str, name: str) -> None:
        self.albums.devices.seen(who, name=name, model="m", os="android", user_id=7, login="ann")
        self.albums.devices.flush()

    @rule(who=st.sampled_from(["n1", "n2"]), name=st.none() | st.just("Ann's"),
          rights=st.none() | st.sampled_from(["owner", "upload", "blocked"]))  # fmt: skip
    def change_device(self, who: str, name: str | None, rights: Any) -> None:
        with refusing():
            curate_devices.edit(
                rooms_of(self.albums), self.albums.devices, who, name=name, rights=rights
            )

    @rule(who=st.sampled_from(["n1", "n2"]))
    def forget_device(self, who: str) -> None:
        with refusing():
            curate_devices.forget(rooms_of(self.albums), self.albums.devices, who)

    @rule(user=st.sampled_from([7, 8]))
    def claim(self, user: int) -> None:
        rooms = rooms_of(self.albums)
        with refusing():
            curate_devices.change_owner(rooms, self.albums.devices, user, "ann", "Ann")

    @rule()
    def work(self) -> None:
        while self.albums.runner._do_next(STEPS, False):
            pass

    @rule()
    def open_again(self) -> None:
        self.albums.close()
        self.albums = open_albums(self.settings)

    @rule()
    def rebuild(self) -> None:
        """Twice the same: at once, and when what steps make is there again."""
        self.work()
        before = list(canonical_export(self.albums.library))
        self.albums.close()
        for path in self.folder.glob("albums.db*"):
            path.unlink()
        if (self.folder / "audit.jsonl").exists():
            done = rebuild(self.folder, UTC)
            assert (done.anew, done.missing, done.left_out) == ([], [], [])
        self.albums = open_albums(self.settings)
        assert list(canonical_export(self.albums.library)) == before
        self.work()
        assert list(canonical_export(self.albums.library)) == before
        assert self.albums.audit.check() == []


AnyLibrary.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=list(HealthCheck),
)
test_whatever_was_done_comes_back = AnyLibrary.TestCase
