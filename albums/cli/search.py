"""`albums search`: by meaning, words and filters; each result says why it is there."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_json_line, print_table, say
from albums.errors import AlbumsError, BadInput, NotFound

_FIELDS = ("sha", "name", "captured_at", "place", "caption", "score", "why")


def command(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            help='Words and filters: dog on a beach year:2024. "-" reads one query a line '
            "from standard input. Before words with a minus: albums search -- beach -dog"
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Results a query.")] = 20,
    after: Annotated[str | None, typer.Option(help="`next` of the page before.")] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Find photos. Without a query: the newest."""
    from albums.cli.box import reach

    words = query or []
    with reach(settings_of(library)) as box:
        if words == ["-"]:
            _answer_lines(box, limit)
            return
        page = box.get("/api/v1/search", q=" ".join(words), limit=limit, after=after)
    if as_json:
        print_json(_for_programs(page))
    else:
        _tell(page)


def _answer_lines(box: Any, limit: int) -> None:
    """One JSON line for each line of standard input; a bad query does not end it."""
    for line in sys.stdin.buffer:
        try:
            text = line.decode().strip()
            if text:
                print_json_line(_for_programs(box.get("/api/v1/search", q=text, limit=limit)))
        except UnicodeDecodeError:
            print_json_line(_error_line(BadInput("This line is not valid UTF-8")))
        except (BadInput, NotFound) as error:
            print_json_line({"query": text} | _error_line(error))


def _error_line(error: AlbumsError) -> dict[str, Any]:
    return {"error": {"code": error.code, "what": error.what, "why": error.why, "hint": error.hint}}


def _for_programs(page: dict[str, Any]) -> dict[str, Any]:
    return {
        "query": page["query"],
        "total": page["total"],
        "assets": [{name: asset[name] for name in _FIELDS} for asset in page["assets"]],
        "next": page["next"],
    }


def _tell(page: dict[str, Any]) -> None:
    table = new_table("", "when", "where", "photo", "score", "why", "asset")
    for rank, asset in enumerate(page["assets"], 1):
        table.add_row(
            str(rank),
            (asset["captured_at"] or "")[:16].replace("T", " "),
            asset["place"] or "",
            asset["caption"] or asset["name"],
            "" if asset["score"] is None else f"{asset['score']:.2f}",
            reasons(asset["why"]),
            asset["sha"][:10],
        )
    print_table(table)
    more = f" More: --after {page['next']}" if page["next"] else ""
    say(f"{page['total']} found.{more}" if page["total"] else "Nothing matches well enough.")
    if page["note"]:
        say(page["note"])


def reasons(why: dict[str, Any]) -> str:
    """`dog, beach · on page 3 · near 0.31 (strong) · taken in 2024`."""
    parts = [", ".join(why["words"])]
    if why["pages"]:
        parts.append(f"on page {', '.join(map(str, why['pages'][:5]))}")
    if why["meaning"] is not None:
        parts.append(f"near {why['meaning']:.2f} ({why['near']})")
    return " · ".join(part for part in [*parts, *why["filters"]] if part)
