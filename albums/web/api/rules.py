"""The person's cleanup rules: seen beforehand, made, ordered, switched off, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from albums.assembly import Albums
from albums.curate import rules as curate
from albums.curate.rule_preview import Preview as Seen
from albums.curate.rule_preview import expect, preview
from albums.library.rules import Rule, all_rules, rule_of
from albums.library.ruling import Knowing, problem_of, touched_by
from albums.search.query import MAX_LENGTH
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms
from albums.web.rule_asked import rule_asked

router = APIRouter(prefix="/rules", tags=["rules"])
ActionName = Literal[
    "delete", "distrust-date", "shift-date", "block-place", "correct-place", "private"
]
RuleId = Annotated[
    str, Path(pattern="^[0-9a-f]{4,40}$", description="of it", examples=["3f2a91c0"])
]
_SHORT = 200  # characters


class AskedRule(BaseModel):
    """Of which assets, and what is to be done to them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "camera:canon date:2000-01-01", "action": "distrust-date",
                 "whose": ["tags"], "dry_run": True},
                {"query": "camera:canon year:2012", "action": "shift-date", "by": "+1:00"},
                {"action": "correct-place", "country": "India", "only": ["Mysore"]},
            ]
        },
    )  # fmt: skip

    name: str = Field("", max_length=_SHORT, description="what it is called; may be empty")
    query: str = Field(
        "", max_length=MAX_LENGTH, description="filters, and words in quotes; of which assets"
    )
    action: ActionName
    whose: list[Literal["tags", "name", "disk", "exports"]] = Field(
        [], max_length=4, description="of distrust-date: whose date does not count"
    )
    by: str | None = Field(None, max_length=_SHORT, description="of shift-date: +1:00, -0:05:30")
    anchors: list[tuple[str, str]] = Field(
        [],
        max_length=2,
        description="of shift-date, instead of `by`: at two moments what the clock showed and what "
        "was right; in between it drifted evenly",
    )
    since: str | None = Field(
        None, max_length=_SHORT, description="of shift-date: from then, as the clock showed"
    )
    until: str | None = Field(None, max_length=_SHORT, description="of shift-date: up to then")
    country: str | None = Field(None, max_length=_SHORT, description="of correct-place: India, IN")
    only: list[Annotated[str, Field(max_length=_SHORT)]] = Field(
        [], max_length=1000, description="of correct-place: its cities and regions that are right"
    )
    to: str | None = Field(
        None,
        max_length=_SHORT,
        description="of correct-place: the place of all others, a city or latitude, longitude; "
        "without it they get none",
    )
    dry_run: bool = Field(False, description="only say what it would touch")
    expected: int | None = Field(
        None, ge=0, description="`changed` of the dry run; 409 where it would be another number"
    )


class RuleSample(BaseModel):
    """One asset, before and after."""

    sha: str = Field(examples=["9c" * 32])
    name: str = Field(examples=["IMG_0012.JPG"])
    before: str = Field(examples=["2000-01-01T00:12:00"])
    after: str = Field(examples=["2013-07-01T12:00:00"])


class RulePreview(BaseModel):
    """What a rule does, or would do."""

    sentence: str = Field(examples=["camera:canon: moved by +1:00:00"])
    found: int = Field(description="by its condition", examples=[130])
    changed: int = Field(description="that are other because of it", examples=[123])
    yours: int = Field(description="of which you said otherwise, so that they stay", examples=[2])
    samples: list[RuleSample]


class ShownRule(BaseModel):
    """A rule, and how much it touches."""

    id: str = Field(examples=["3f2a91c0"])
    name: str
    query: str = Field(examples=["camera:canon"])
    action: ActionName
    details: dict[str, Any] = Field(examples=[{"seconds": 3600}])
    enabled: bool
    created_at: str = Field(description="UTC", examples=["2026-04-26T18:42:11+00:00"])
    sentence: str = Field(examples=["camera:canon: moved by +1:00:00"])
    problem: str | None = Field(description="why it is not carried out")
    touches: int = Field(description="assets, as far as it has been carried out", examples=[123])


class Thrown(BaseModel):
    """What lies in the trash because of a rule, which may be gone."""

    rule_id: str = Field(examples=["3f2a91c0"])
    title: str = Field(examples=["No faxes"])
    assets: int = Field(examples=[12])


class Rules(BaseModel):
    """All rules, in order."""

    rules: list[ShownRule]
    thrown_away: list[Thrown]
    to_do: int = Field(description="assets at which rules have yet to look", examples=[0])


class MadeRule(BaseModel):
    """What was made, if it was; and what it does."""

    rule: ShownRule | None = Field(description="null of a dry run")
    preview: RulePreview


class RuleChange(BaseModel):
    """What is to be other about a rule that stays the same."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    enabled: bool | None = None
    move: Literal["up", "down"] | None = Field(None, description="one place earlier or later")


class RulesRan(BaseModel):
    """At how many assets rules look again."""

    assets: int = Field(examples=[1200])


class TakenOut(BaseModel):
    """How many came out of the trash."""

    assets: int = Field(examples=[12])


@router.get("", response_model=Rules)
def list_rules(albums: Opened) -> dict[str, Any]:
    """In the order in which they count."""
    with albums.library.read() as db:
        touches = touched_by(db)
        work = albums.ledger.progress(db).get(curate.STEP, {})
        return {
            "rules": [shown(rule, touches, knowing_of(albums)) for rule in all_rules(db)],
            "thrown_away": curate.thrown_away(db),
            "to_do": work.get("open", 0) + work.get("waiting", 0),
        }


@router.post("", response_model=MadeRule, responses=errors(409))
def make_rule(asked: AskedRule, albums: Opened, rooms: PersonsRooms) -> dict[str, Any]:
    """As the last one. It takes effect at once, on all there is and on all that comes."""
    rule = rule_asked(asked.model_dump())
    seen = seen_of(albums, rule)
    if asked.dry_run:
        return {"rule": None, "preview": seen}
    expect(seen, asked.expected)
    made = curate.add(rooms, knowing_of(albums), rule)
    albums.runner.nudge()
    return {"rule": shown(made, {}, knowing_of(albums)), "preview": seen}


@router.put("/{id}", response_model=MadeRule, responses=errors(404, 409))
def change_rule(
    id: RuleId, asked: AskedRule, albums: Opened, rooms: PersonsRooms
) -> dict[str, Any]:
    """The rule of this id is like this from now on."""
    with albums.library.read() as db:
        before = rule_of(db, id)
    rule = rule_asked(asked.model_dump(), id, enabled=before.enabled)
    seen = seen_of(albums, rule)
    if asked.dry_run:
        return {"rule": None, "preview": seen}
    expect(seen, asked.expected)
    made = curate.change(rooms, knowing_of(albums), rule)
    albums.runner.nudge()
    return {"rule": shown(made, {}, knowing_of(albums)), "preview": seen}


@router.get("/{id}/preview", response_model=RulePreview, responses=errors(404))
def preview_rule(id: RuleId, albums: Opened) -> Seen:
    """What a rule does, or would do if it were on."""
    with albums.library.read() as db:
        rule = rule_of(db, id)
    return seen_of(albums, rule)


@router.patch("/{id}", response_model=Rules, responses=errors(404))
def alter_rule(
    id: RuleId, asked: RuleChange, albums: Opened, rooms: PersonsRooms
) -> dict[str, Any]:
    """Switch it on or off, or move it."""
    if asked.enabled is not None:
        with albums.library.read() as db:
            rule = rule_of(db, id)
        curate.change(rooms, knowing_of(albums), replace(rule, enabled=asked.enabled))
    if asked.move:
        curate.move(rooms, knowing_of(albums), id, asked.move)
    albums.runner.nudge()
    return list_rules(albums)


@router.delete("/{id}", response_model=Rules, responses=errors(404))
def remove_rule(id: RuleId, albums: Opened, rooms: PersonsRooms) -> dict[str, Any]:
    """What it says of assets goes with it; what it threw away stays in the trash."""
    curate.remove(rooms, knowing_of(albums), id)
    albums.runner.nudge()
    return list_rules(albums)


@router.post("/{id}/restore", response_model=TakenOut)
def restore_thrown(id: RuleId, rooms: PersonsRooms) -> dict[str, int]:
    """All that this rule threw away comes out of the trash; no rule throws it away again."""
    return {"assets": curate.take_out(rooms, id)}


@router.post("/run", response_model=RulesRan)
def run_rules(albums: Opened, rooms: PersonsRooms) -> dict[str, int]:
    """Look again at all that rules find or touch."""
    assets = curate.run(rooms, knowing_of(albums))
    albums.runner.nudge()
    return {"assets": assets}


def knowing_of(albums: Albums) -> Knowing:
    """What rules are carried out with."""
    assert albums.tools.ruling
    return albums.tools.ruling.knowing


def seen_of(albums: Albums, rule: Rule) -> Seen:
    """What it does. Raises BadInput."""
    with albums.library.read() as db:
        return preview(db, knowing_of(albums), rule)


def shown(rule: Rule, touches: dict[str, int], knowing: Knowing) -> dict[str, Any]:
    """A rule for the list, also one that is not understood."""
    problem = problem_of(rule, knowing)
    return rule.as_json() | {
        "sentence": rule.query if problem else rule.sentence,
        "problem": str(problem) if problem else None,
        "touches": touches.get(rule.id, 0),
    }
