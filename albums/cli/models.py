"""`albums models`: the shelf of models. `pull` is the only command that touches the network."""

from __future__ import annotations

import typer

group = typer.Typer(help="Models: list, fetch, verify, choose, measure.")
