"""`albums rules`: what is wrong again and again, put right once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.again import follow_steps
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table
from albums.errors import BadInput

if TYPE_CHECKING:
    from albums.cli.box import Box

_PATH = "/api/v1/rules"
_STEPS = ("rules", "place", "words")  # a place that is other is found by other words
group = typer.Typer(help="Cleanup rules: dates and places that are wrong, what is private, what "
                    "goes into the trash.", no_args_is_help=True)  # fmt: skip
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what it would touch.")]
RuleIds = Annotated[str, typer.Argument(metavar="ID", help="As `albums rules list` shows it.")]


@group.command("list")
def list_(library: Library = None, as_json: Json = False) -> None:
    """Show all rules, in the order in which they count."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        found = box.get(_PATH)
    if as_json:
        print_json(found)
        return
    table = new_table("id", "what", "on", "touches")
    for rule in found["rules"]:
        what = f"{rule['name']}: {rule['sentence']}" if rule["name"] else rule["sentence"]
        on = "no" if not rule["enabled"] else "not understood" if rule["problem"] else "yes"
        table.add_row(rule["id"], what, on, f"{rule['touches']:,}")
    print_table(table)
    for thrown in found["thrown_away"]:
        print(f"In the trash by {thrown['rule_id']} ({thrown['title']}): {thrown['assets']:,}")
    if found["to_do"]:
        print(f"{found['to_do']:,} assets are still to be looked at.")


@group.command()
def add(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]...", help="Of all it finds: camera:canon date:2000-01-01."),
    ] = None,
    distrust_date: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHOSE", help="Do not believe the date of: tags, name, disk, exports."
        ),
    ] = None,
    shift: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Move the date by +1:00, -0:05:30, +2d.")
    ] = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(metavar="SHOWN=RIGHT", help="Of a clock that ran fast; twice."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="Move only what it showed from then.")] = None,
    until: Annotated[str | None, typer.Option(help="Move only what it showed up to then.")] = None,
    block_place: Annotated[
        bool, typer.Option("--block-place", help="Do not believe the place.")
    ] = False,
    country: Annotated[
        str | None, typer.Option(help="Correct its places: only those of --only are right.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A city or region of --country that is right.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Where all others of --country are; else nowhere.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Off the timeline.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Into the trash.")] = False,
    name: Annotated[str, typer.Option(help="What you call it.")] = "",
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before making it.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make a rule, after a look at what it would touch."""
    from albums.cli.box import reach

    acts = {
        "distrust-date": {"whose": distrust_date} if distrust_date else None,
        "shift-date": _shift(shift, anchor or [], since, until),
        "block-place": {} if block_place else None,
        "correct-place": {"country": country, "only": only or [], "to": to} if country else None,
        "private": {} if private else None,
        "delete": {} if delete else None,
    }
    said = [(action, more) for action, more in acts.items() if more is not None]
    if len(said) != 1:
        raise BadInput(
            "These do not go together" if said else "Say what to do",
            hint="One of --distrust-date, --shift, --anchor, --block-place, --country, --private "
            "and --delete",
        )
    [(action, more)] = said
    asked = {"query": " ".join(query or []), "name": name, "action": action, **more}
    with reach(settings_of(library), working=True) as box:
        _make(box, asked, dry_run=dry_run, yes=yes, as_json=as_json)


@group.command()
def remove(rule_id: RuleIds, library: Library = None, as_json: Json = False) -> None:
    """Remove a rule, and with it what it said; what it threw away stays in the trash."""
    from albums.cli.box import reach

    with reach(settings_of(library), working=True) as box:
        found = box.ask("DELETE", f"{_PATH}/{rule_id}")
        follow_steps(box, "Taking back", _STEPS)
    if as_json:
        print_json(found)
        return
    print("The rule is gone, and what it said of assets with it.")
    if any(thrown["rule_id"] == rule_id for thrown in found["thrown_away"]):
        print(f"What it threw away is in the trash: albums rules restore {rule_id}")


@group.command()
def restore(rule_id: RuleIds, library: Library = None, as_json: Json = False) -> None:
    """Take all that a rule threw away out of the trash; it stays out."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        answer = box.ask("POST", f"{_PATH}/{rule_id}/restore")
    if as_json:
        print_json(answer)
    else:
        print(f"{answer['assets']:,} are out of the trash.")


@group.command()
def run(dry_run: DryRun = False, library: Library = None, as_json: Json = False) -> None:
    """Carry all rules out again; they are anyway, on all that comes or is changed."""
    from albums.cli.box import reach

    with reach(settings_of(library), working=not dry_run) as box:
        if dry_run:
            rules = box.get(_PATH)["rules"]
            seen = [box.get(f"{_PATH}/{rule['id']}/preview") for rule in rules if rule["enabled"]]
            _show_all(seen, as_json=as_json)
            return
        answer = box.ask("POST", f"{_PATH}/run")
        follow_steps(box, "Carrying out rules", _STEPS)
    if as_json:
        print_json(answer)
    else:
        print(f"Rules were carried out again on {answer['assets']:,} assets.")


def _shift(
    by: str | None, anchors: list[str], since: str | None, until: str | None
) -> dict[str, Any] | None:
    between = {"since": since, "until": until}
    if by and anchors:
        raise BadInput("--shift and --anchor do not go together")
    if by:
        return {"by": by, **between}
    pairs = [anchor.partition("=")[::2] for anchor in anchors]
    if len(pairs) == 1:
        raise BadInput("Two anchors are needed", hint="--anchor SHOWN=RIGHT --anchor SHOWN=RIGHT")
    return {"anchors": pairs, **between} if pairs else None


def _make(box: Box, asked: dict[str, Any], *, dry_run: bool, yes: bool, as_json: bool) -> None:
    seen = box.ask("POST", _PATH, json=asked | {"dry_run": True})["preview"]
    if dry_run:
        _show_all([seen], as_json=as_json)
        return
    if not yes:
        _show(seen)
        if not typer.confirm(f"Make this rule for {seen['changed']:,} assets?", err=True):
            raise typer.Exit(1)
    made = box.ask("POST", _PATH, json=asked | {"expected": seen["changed"]})
    follow_steps(box, "Carrying it out", _STEPS)
    if as_json:
        print_json(made)
        return
    print(f"{made['rule']['sentence']}. It touches {seen['changed']:,} assets.")
    print(f"To take it back: albums rules remove {made['rule']['id']}")


def _show_all(seen: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"previews": seen})
        return
    for one in seen:
        _show(one)
    if not seen:
        print("There are no rules that are on.")


def _show(seen: dict[str, Any]) -> None:
    print(seen["sentence"])
    if seen["samples"]:
        table = new_table("asset", "name", "before", "after")
        for sample in seen["samples"]:
            table.add_row(sample["sha"][:10], sample["name"], sample["before"], sample["after"])
        print_table(table)
    print(f"Finds {seen['found']:,} assets and touches {seen['changed']:,}.")
    if seen["yours"]:
        print(f"Of {seen['yours']:,} you said otherwise: they stay as they are.")
