"""A library in which rules are made and carried out, without threads and without models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from albums.assembly import Albums
from albums.curate import rules as curate
from albums.curate.rooms import Rooms
from albums.ingest.step import Done, Outcome, Tools
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.rules import RulesStep
from albums.ingest.steps.words import WordsStep
from albums.ingest.steps.zone import ZoneStep
from albums.library.assets import Asset, asset_by_sha
from albums.library.facts import Claim, add_claims, settle
from albums.library.rules import Rule
from albums.library.ruling import Knowing
from tests.arrivals import arrival_of
from tests.curate.conftest import rooms_of
from tests.working import work_off


class _NoFacts(FactsStep):
    """What a test says of a file is all that is known of it."""

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [Done() for _ in assets]


_STEPS = (_NoFacts(), ZoneStep(), PlaceStep(), WordsStep(), RulesStep())
LISBON, PORTO, TOKYO = (38.7223, -9.1393), (41.1496, -8.6110), (35.6762, 139.6503)
COLUMNS = "captured_at, captured_utc, day, latitude, longitude, hidden, trashed_at is null as here"


def rule(action: str, query: str = "", name: str = "", **details: Any) -> Rule:
    return Rule("", name, query, action, details, True, "")


@dataclass
class Ruled:
    """What a test does to such a library, and sees of it."""

    albums: Albums

    @property
    def rooms(self) -> Rooms:
        return rooms_of(self.albums)

    @property
    def knowing(self) -> Knowing:
        assert self.albums.tools.ruling
        return self.albums.tools.ruling.knowing

    def take_in(
        self,
        number: int,
        at: str = "",
        place: tuple[float, float] | None = None,
        camera: str = "",
        **more: str,
    ) -> str:
        """SHA-256 of a file that says all this; `more`: times by other sources."""
        sha = self.albums.receiver.receive(
            arrival_of(b"a file, the %d." % number, f"file-{number}.bin")
        ).sha
        claims = [Claim("captured_at", at, "exif", 0.9, "DateTimeOriginal")] if at else []
        claims += [Claim("captured_at", when, source, 0.4) for source, when in more.items()]
        claims += [Claim("location", list(place), "exif", 0.9, "GPS")] if place else []
        claims += [Claim("camera", camera, "exif", 0.9)] if camera else []
        with self.albums.library.write() as db:
            asset = asset_by_sha(db, sha)
            add_claims(db, asset.id, claims)
            settle(db, asset.id, self.albums.tools.home)
        return sha

    def work(self) -> int:
        """Until nothing is left to do; for how many assets rules were asked."""
        asked = 0
        for _ in range(20):
            ran = [work_off(self.albums.tools, self.albums.ledger, step) for step in _STEPS]
            asked += ran[-1]
            if not any(ran):
                return asked
        raise AssertionError("the steps open each other's work for ever")

    def add(self, one: Rule) -> Rule:
        made = curate.add(self.rooms, self.knowing, one)
        self.work()
        return made

    def asset(self, sha: str) -> Asset:
        with self.albums.library.read() as db:
            return asset_by_sha(db, sha)

    def row(self, sha: str) -> dict[str, Any]:
        with self.albums.library.read() as db:
            row = db.execute(f"select {COLUMNS} from assets where sha = ?", (sha,)).fetchone()
            return dict(row)

    def city(self, sha: str) -> str | None:
        with self.albums.library.read() as db:
            row = db.execute(
                "select city from places join assets on id = asset_id where sha = ?", (sha,)
            ).fetchone()
            return row["city"] if row else None

    def everything(self) -> list[tuple[Any, ...]]:
        """All that rules could change."""
        with self.albums.library.read() as db:
            return [
                tuple(row)
                for sql in (
                    f"select sha, {COLUMNS} from assets order by sha",
                    "select * from claims order by asset_id, field, source",
                    "select * from places order by asset_id",
                    "select * from ruled order by asset_id, rule_id",
                )
                for row in db.execute(sql)
            ]
