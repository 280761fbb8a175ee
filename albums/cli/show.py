"""`albums show SHA`: all that is known of one asset, and how that is known."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table

_PLAIN = ("sha", "name", "folder", "kind", "mime", "size", "captured_at", "place", "camera",
          "lens", "rating", "favourite", "indexed_at", "received_at", "_origin")  # fmt: skip


def command(
    sha: Annotated[str, typer.Argument(help="SHA-256, or how it begins (6 digits or more).")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Show one asset: its facts, where each comes from, and its work."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        asset = box.get(f"/api/v1/assets/{sha}")
    if as_json:
        print_json(asset)
    else:
        _tell(asset)


def _tell(asset: dict[str, Any]) -> None:
    for name in _PLAIN:
        if asset[name] not in (None, ""):
            print(f"{name.strip('_'):12} {asset[name]}")
    if asset["caption"]:
        said = asset["caption_details"] or {}
        print(f"{'caption':12} {asset['caption']}")
        print(f"{'':12} by {said.get('model') or said.get('author')} {said.get('engine', '')}")
    if asset["tags"]:
        print(f"{'tags':12} {', '.join(tag['tag'] for tag in asset['tags'])}")
    claims = new_table("fact", "value", "from", "sure", "how")
    for fact in asset["facts"]:
        mark = "" if fact["believed"] else "(not believed) "
        claims.add_row(
            fact["field"],
            f"{mark}{fact['value']}",
            fact["source"],
            f"{fact['confidence']:.2f}",
            fact["detail"],
        )
    print_table(claims)
    work = new_table("step", "state", "tries", "why")
    for row in asset["work"]:
        work.add_row(row["step"], row["state"], str(row["attempts"]), row["error"])
    print_table(work)
