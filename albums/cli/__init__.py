"""For the shell: every command, in the order in which `albums --help` shows them."""

from __future__ import annotations

import sys

import typer

from albums.cli import (
    audit,
    backup,
    caption,
    claim,
    correct_time,
    dedupe,
    devices,
    doctor,
    edit,
    export,
    geocode,
    import_,
    models,
    open_,
    owner,
    prefer,
    rebuild,
    receipt,
    receipts,
    reprocess,
    restore,
    restore_library,
    retry,
    rules,
    search,
    serve,
    settings,
    setup,
    show,
    stack,
    status,
    trash,
    verify,
    work,
)
from albums.errors import AlbumsError

COMMANDS = (
    ("serve", serve.command),
    ("open", open_.command),
    ("claim", claim.command),
    ("owner", owner.command),
    ("import", import_.command),
    ("search", search.command),
    ("show", show.command),
    ("edit", edit.command),
    ("correct-time", correct_time.command),
    ("dedupe", dedupe.command),
    ("prefer", prefer.command),
    ("trash", trash.command),
    ("restore", restore.command),
    ("stack", stack.command),
    ("unstack", stack.apart),
    ("receipts", receipts.command),
    ("status", status.command),
    ("work", work.command),
    ("retry", retry.command),
    ("reprocess", reprocess.command),
    ("geocode", geocode.command),
    ("caption", caption.command),
    ("audit", audit.command),
    ("verify", verify.command),
    ("export", export.command),
    ("rebuild", rebuild.command),
    ("restore-library", restore_library.command),
    ("doctor", doctor.command),
    ("settings", settings.command),
)
GROUPS = (
    ("backup", backup.group),
    ("setup", setup.group),
    ("receipt", receipt.group),
    ("devices", devices.group),
    ("models", models.group),
    ("rules", rules.group),
)

app = typer.Typer(
    name="albums",
    help="A photo cloud for one person, on a box at home.",
    epilog="Ends with 0 when all went well, 1 when something is broken, 2 for wrong input, "
    "3 when some files could not be taken in, 4 for what is not there, 5 for what is not allowed, "
    "6 for a conflict, 7 when the disk is full, 8 when the library cannot be used, "
    "9 when a model is missing, 11 when Tailscale does not answer, 130 after Ctrl-C.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for name, command in COMMANDS:
    app.command(name)(command)
for name, group in GROUPS:
    app.add_typer(group, name=name)


def main() -> None:
    """Run one command. The only place that turns an error into an exit status."""
    try:
        app()
    except AlbumsError as error:
        print(f"albums: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
