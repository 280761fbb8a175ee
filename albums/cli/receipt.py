"""`albums receipt`: what an import proved, checked on any day, kept as a file, and what may go."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from albums.cli.following import Asked, follow
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, clock, megabytes, new_table, print_json, print_table, say
from albums.errors import BadInput, NotFound

if TYPE_CHECKING:
    from albums.cli.box import Box

group = typer.Typer(
    help="The receipts of imports: what came from elsewhere is proven to be here. "
    "(`albums receipts` are those that a phone gets for single files that it sent.)",
    no_args_is_help=True,
)
Number = Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="Default: the newest.")]
_RECEIPTS = "/api/v1/import-receipts"
_BROKEN = 1  # exit status
_SHOWN = 20  # of each list


@group.command("list")
def list_receipts(library: Library = None, as_json: Json = False) -> None:
    """All receipts of imports, newest first."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        known = box.get(_RECEIPTS)["receipts"]
    if as_json:
        print_json({"receipts": known})
    elif not known:
        print("There is no receipt yet. An import writes one at its end: albums import takeout")
    else:
        _print_list(known)


@group.command("show")
def show(number: Number = None, library: Library = None, as_json: Json = False) -> None:
    """One receipt: green or red, why, the sums of each part, and what is missing."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        receipt = box.get(f"{_RECEIPTS}/{_which(box, number)}")
    if as_json:
        print_json(receipt)
    else:
        _print_receipt(receipt)


@group.command("verify")
def verify(number: Number = None, library: Library = None, as_json: Json = False) -> None:
    """Check a receipt against the audit log, and read all that it speaks of from the disk again."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        asked = Asked(
            f"{_RECEIPTS}/{_which(box, number)}/checks", {}, _show_check,
            stopped="Stopped. What was read until then is as it was kept, unless it was said.",
            jobs=f"{_RECEIPTS}/checks",
        )  # fmt: skip
        found = follow(box, asked)
    if as_json:
        print_json(found)
    else:
        _tell_check(found)
    if not found["whole"]:
        raise typer.Exit(_BROKEN)


@group.command("export")
def export(
    number: Number = None,
    format: Annotated[
        Literal["jsonl", "csv", "html", "chain"],
        typer.Option("--format", help="jsonl, csv: a line for each entry of the archives; html: "
                     "a page to keep; chain: the receipt itself, with its hashes."),
    ] = "jsonl",
    to: Annotated[str, typer.Option("--to", metavar="FILE", help="-: standard output.")] = "-",
    library: Library = None,
) -> None:  # fmt: skip
    """Write a receipt to a file, to be kept or read by other programs."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        address = f"{_RECEIPTS}/{_which(box, number)}/file?format={format}"
        _save(box.download(address), to)


@group.command("deletable")
def deletable(
    number: Number = None,
    library: Library = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every photo, a line each.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every photo, as JSON, for programs.")
    ] = False,
) -> None:
    """What may be deleted where the export came from, now; what not yet, and why."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        address = f"{_RECEIPTS}/{_which(box, number)}/deletable"
        if as_csv:
            _save(box.download(f"{address}/file?format=csv"), "-")
            return
        found = box.get(address, limit=_SHOWN)
        if as_json:
            lines = b"".join(box.download(f"{address}/file?format=jsonl")).splitlines()
            print_json(found | {"items": [json.loads(line) for line in lines]})
            return
    _tell_deletable(found)


def _which(box: Box, number: int | None) -> int:
    """The newest, where none is named. Raises NotFound, BadInput."""
    if number is not None:
        if number < 1:
            raise BadInput("Receipts are numbered from 1 on", hint="See: albums receipt list")
        return number
    known = box.get(_RECEIPTS)["receipts"]
    if not known:
        raise NotFound("There is no receipt yet", hint="An import writes one at its end")
    return int(known[0]["number"])


def _save(chunks: Iterable[bytes], to: str) -> None:
    """A file appears whole or not at all."""
    if to == "-":
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    path = Path(to).expanduser()
    half = path.with_name(f".{path.name}.part")
    try:
        with half.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written", why=error.strerror or str(error)) from error
    finally:
        half.unlink(missing_ok=True)
    say(f"Written to {path}.")


def _print_list(known: list[dict[str, Any]]) -> None:
    table = new_table("number", "import", "verdict", "files", "size", "proven", "sealed (UTC)")
    for receipt in known:
        if "damaged" in receipt:
            table.add_row(str(receipt["number"]), receipt["damaged"], "DAMAGED", "", "", "", "")
            continue
        counts = receipt["counts"]
        table.add_row(
            str(receipt["number"]), receipt["import"], receipt["verdict"], f"{counts['files']:,}",
            megabytes(counts["bytes"]), f"{counts['proven']:,} of {counts['photos']:,}",
            receipt["ended_at"][:16],
        )  # fmt: skip
    print_table(table)


def _print_receipt(receipt: dict[str, Any]) -> None:
    print(f"Receipt {receipt['number']} of {receipt['import']}: {receipt['verdict'].upper()}")
    for sentence in receipt["reasons"]:
        print(_plain(f"  {sentence}"))
    _print_sums(receipt["totals"])
    for title, name, field in (
        ("Announced, and not in the export", "announced", "title"),
        ("Not landed", "not_landed", "path"),
        ("Landed, but what is said of them is uncertain", "uncertain", "path"),
    ):
        _print_some(title, receipt[name], receipt["cut"].get(name, 0), field)
    for album in receipt["collections"]:
        if album["landed"] != album["expected"]:
            title = album["title"] or "without title"
            print(_plain(f"  Album {title}: {album['landed']} of {album['expected']}"))
    for sentence in [*receipt["remarks"], *receipt["advice"]]:
        say(_plain(f"  {sentence}"))


def _print_sums(totals: dict[str, Any]) -> None:
    fates = list(totals["all"])
    table = new_table("part", "holds", *fates)
    for part, told in totals["parts"].items():
        files = [f"{told[fate]['files']:,}" if fate in told else "" for fate in fates]
        table.add_row(part, f"{totals['entries'][part]['files']:,}", *files)
    held = sum(part["files"] for part in totals["entries"].values())
    table.add_row("all", f"{held:,}", *(f"{totals['all'][fate]['files']:,}" for fate in fates))
    print_table(table)
    rest = totals["difference"]
    print(f"  Difference: {rest['files']} files, {rest['bytes']} bytes.")


def _print_some(title: str, lines: list[dict[str, Any]], cut: int, field: str) -> None:
    if not lines:
        return
    print(f"{title}:")
    for line in lines[:_SHOWN]:
        link = line.get("google_url") or line.get("url") or ""
        why = f": {line['why']}" if line["why"] else ""
        print(_plain(f"  {line[field]}{why} {link}"))
    rest = len(lines) - _SHOWN + cut
    if rest > 0:
        print(f"  and {rest:,} more: albums receipt export --format csv")


def _show_check(job: dict[str, Any], meter: Meter) -> None:
    if job["state"] == "chain":
        meter.show("Checking the receipt", 0, None, "")
        return
    note = f"{job['files']} of {job['files_total']} files"
    meter.show("Reading again", job["bytes_done"], job["bytes_total"] or None, note)


def _tell_check(found: dict[str, Any]) -> None:
    for fault in found["faults"]:
        say(f"The receipt is not what was written: {fault}.")
    for broken in found["broken_files"]:
        say(_plain(f"  {broken['part']}: {broken['path']}: {broken['why']}"))
    deleted = f", {found['deleted']:,} deleted by you since" if found["deleted"] else ""
    read = f"{found['files']:,} files, {megabytes(found['bytes_done'])} read again"
    print(f"Receipt {found['number']}: {read} in {clock(found['seconds'])}, "
          f"{found['broken']:,} broken{deleted}.")  # fmt: skip
    print("Everything is as it was kept." if found["whole"] else "NOT everything is as it was.")


def _tell_deletable(found: dict[str, Any]) -> None:
    counts = found["counts"]
    where = "at Google" if found["source"] == "takeout" else "where they came from"
    print(f"{counts['now']:,} photos may be deleted {where} now, "
          f"{counts['not yet']:,} not yet, {counts['not covered']:,} are not covered.")  # fmt: skip
    for why, count in found["reasons"].items():
        print(f"  {count:>8,} {why}")
    for item in found["items"]:
        link = item.get("google_url") or item.get("url") or ""
        print(_plain(f"  {item['state']}: {item['path']}: {item['why']} {link}"))
    for remark in found["remarks"]:
        say(remark)
    at = found["second_copy_at"]
    say(f"Last good backup: {at} (UTC)." if at else "There is no second copy of this library yet.")
    if any(counts.values()):
        say("The whole list: albums receipt deletable --csv")


def _plain(text: str) -> str:
    """Names in an export are from strangers, and may hold what terminals take for orders."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text).rstrip()
