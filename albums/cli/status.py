"""`albums status`: what the library holds, how far its work is, and with which models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import clock, new_table, print_json, print_table

_LEFT_SHOWN = 5


def command(library: Library = None, as_json: Json = False) -> None:
    """Show what the library holds and how far its work is."""
    from albums.cli.box import reach

    settings = settings_of(library)
    with reach(settings) as box:
        status = box.get("/api/v1/status")
        inbox = box.get("/api/v1/inbox")
        backups = box.get("/api/v1/backups")
    if as_json:
        print_json(status | {"inbox": inbox, "backups": backups})
        return
    assets = status["assets"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in assets["by_kind"].items())
    shown = assets["total"] - assets["stacked"]
    files = f" in {assets['total']} files" if assets["stacked"] else ""
    print(f"{settings.library}: {shown} assets{files} ({kinds or 'none yet'}), "
          f"{assets['bytes'] / 1e9:.1f} GB, {assets['trashed']} in the trash")  # fmt: skip
    as_table(status["work"])
    print_inbox(inbox)
    if backups["state"]:
        print(f"backup: {backups['state']}")
    engines = status["engines"]
    print(f"search by {engines['embedder']}, captions by {engines['captioner']}")
    if engines["note"]:
        print(engines["note"])
    if calls := status["cloud_calls"]:
        since = datetime.fromisoformat(calls["since"]).astimezone()
        print(f"0 cloud calls since {since:%Y-%m-%d %H:%M}, {calls['stopped']} stopped")


def print_inbox(inbox: dict[str, Any]) -> None:
    print(f"inbox {inbox['folder']}: {inbox['waiting']} waiting, {inbox['taken']} taken since "
          f"the box started, {inbox['left']} left")  # fmt: skip
    for left in inbox["left_files"][:_LEFT_SHOWN]:
        print(f"  {left['name']}: {left['why']}")
    if inbox["left"] > _LEFT_SHOWN:
        print(f"  and {inbox['left'] - _LEFT_SHOWN} more; each has a note beside it")
    if inbox["trouble"]:
        print(f"  it waits: {inbox['trouble']}")


def as_table(work: list[dict[str, Any]]) -> None:
    table = new_table("step", "done", "to do", "skipped", "failed", "a second", "left")
    for row in work:
        states = row["states"]
        to_do = states.get("open", 0) + states.get("waiting", 0)
        counts = (states.get("done", 0), to_do, states.get("skipped", 0), states.get("failed", 0))
        rate = f"{row['rate']:.1f}" if row["rate"] else ""
        table.add_row(
            row["step"], *map(str, counts), rate, clock(row["seconds_left"]) if to_do else ""
        )
    print_table(table)
