"""Imports point one way, and every part is on its list."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "albums"

# What each part may import of Albums, besides itself. README shows the same as a picture.
ALLOWED: dict[str, set[str]] = {
    "settings": {"errors"},
    "errors": set(),
    "logs": set(),
    "jobs": {"errors"},
    "vault": {"errors"},
    "media": {"errors"},
    "library": {"errors"},
    "ml": {"errors"},
    "ingest": {"vault", "media", "library", "ml", "settings", "errors", "logs"},
    "sources": {"ingest", "media", "library", "errors", "logs"},
    "search": {"library", "ml", "errors"},
    "curate": {"library", "vault", "errors"},
    "upkeep": {"library", "vault", "media", "ml", "identity", "settings", "errors", "jobs"},
    "identity": {"library", "settings", "errors"},
    "assembly": {
        "ingest", "search", "vault", "media", "library", "ml", "settings", "errors", "logs",
        "sources", "curate",
    },
    "web": {
        "assembly", "search", "curate", "sources", "identity", "library", "ingest", "vault",
        "settings", "errors", "logs", "upkeep", "ml", "jobs",
    },
    "cli": {
        "assembly", "search", "curate", "upkeep", "web", "identity", "settings", "errors", "logs",
        "ml", "library",
    },
}  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_parts(source: str) -> set[tuple[int, str]]:
    """Line and part ("library") of every import of Albums, also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts == ["albums"]:
                found |= {(node.lineno, alias.name) for alias in node.names}
            elif parts[0] == "albums":
                found.add((node.lineno, parts[1]))
        elif isinstance(node, ast.Import):
            names = (alias.name.split(".") for alias in node.names)
            found |= {(node.lineno, n[1]) for n in names if n[0] == "albums" and len(n) > 1}
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(module: Path) -> None:
    relative = module.relative_to(PACKAGE).with_suffix("")
    part = relative.parts[0]
    if part in ("__init__", "__main__"):
        return
    allowed = ALLOWED[part] | {part, "__version__"}
    wrong = [
        f"{module.relative_to(ROOT)}:{line} may not import albums.{imported}"
        for line, imported in imported_parts(module.read_text())
        if imported not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_an_upward_import_is_noticed() -> None:
    assert imported_parts("from albums.web import app") == {(1, "web")}
    assert imported_parts("def f():\n    import albums.cli.serve") == {(2, "cli")}


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "core", "services", "managers"])
def test_no_module_has_a_name_that_says_nothing(name: str) -> None:
    assert not [m for m in MODULES if m.stem == name or m.parent.name == name]


def test_every_step_is_on_its_list() -> None:
    listed = (PACKAGE / "ingest/steps/__init__.py").read_text()
    files = [path.stem for path in (PACKAGE / "ingest/steps").glob("[a-z]*.py")]
    assert not [name for name in files if f"steps.{name} import" not in listed]
