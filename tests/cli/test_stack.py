"""Stacks in the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run

pytestmark = pytest.mark.slow


def test_stacks_are_made_shown_and_taken_apart(ask: Ask, run: Run, photos: Path) -> None:
    ask("import", str(photos))
    shas = sorted(asset["sha"] for asset in ask("search", "kind:photo")["assets"])
    assert run("stack", shas[0])[1] == f"{shas[0][:10]} is in no stack.\n"
    made = ask("stack", *(sha[:10] for sha in shas))
    assert {member["sha"] for member in made["stack"]["members"]} == set(shas)
    assert ask("search", "kind:photo")["total"] == 1
    assert ask("stack", "--top", shas[1])["stack"]["top"] == shas[1]
    status, out, _ = run("stack", shas[0])
    assert (status, out.count("joined"), out.count("shown")) == (0, 3, 1)
    assert "2 assets in 4 files" in run("status")[1]
    assert ask("unstack", shas[1])["stack"] is None
    assert ask("search", "kind:photo")["total"] == 2
    assert ask("unstack", "--whole", shas[0])["stack"] is None
    assert ask("search", "kind:photo")["total"] == 3
    assert run("unstack", shas[0])[0] == 6
    assert run("stack", "--top", shas[0], shas[1])[0] == 2
