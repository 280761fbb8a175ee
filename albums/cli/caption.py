"""`albums caption`: have captions written, and read them as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.again import do_again, follow_steps
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json, print_json_line

if TYPE_CHECKING:
    from albums.cli.box import Box

_WITHOUT = "-has:caption -type:document"


class _Tail:
    """Prints each caption once, as it is written."""

    def __init__(self, box: Box, *, as_json: bool) -> None:
        self.count = 0
        self._box, self._as_json = box, as_json
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._told: set[tuple[str, str]] = set()

    def look(self) -> None:
        asked = {"since": self._since, "limit": 1000}
        for one in self._box.get("/api/v1/work/captions", **asked)["captions"]:
            key = (one["sha"], one["written_at"])
            if key in self._told:
                continue
            self.count += 1
            self._told = {known for known in self._told if known[1] >= one["written_at"]} | {key}
            self._since = one["written_at"]
            self._say(one)

    def _say(self, one: dict[str, Any]) -> None:
        if self._as_json:
            print_json_line(one)
            return
        text = one["description"] or one["title"]
        print(f"{one['sha'][:10]}  {one['name']}: {text}", flush=True)


def command(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]...", help="Write these anew; without it what has none."),
    ] = None,
    tail: Annotated[
        bool, typer.Option("--tail", help="Print each caption as it is written.")
    ] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Write captions for what has none, or anew for what a query finds."""
    from albums.cli.box import reach

    with reach(settings_of(library), working=True) as box:
        told = _Tail(box, as_json=as_json)
        pieces = do_again(box, ["caption"], " ".join(query or []) or _WITHOUT)
        follow_steps(box, "Writing captions", ["caption"], told.look if tail else lambda: None)
        if tail:
            told.look()
    if as_json and not tail:
        print_json({"asked": pieces})
    elif not as_json:
        print(f"{pieces:,} captions were asked for.")
