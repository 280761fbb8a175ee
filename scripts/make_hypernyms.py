"""Makes albums/ml/hypernyms.tsv: for each ImageNet class the words above it, near to far.

Facts from WordNet 3.0 (Debian's wordnet-base). Run once:
python scripts/make_hypernyms.py data.noun albums/ml/hypernyms.tsv
"""

import sys
from pathlib import Path

from albums.ml.imagenet import read_classes

# WordNet's scaffolding between a thing and everything: nobody looks for these.
_SCAFFOLDING = """
    entity;physical entity;object;whole;artifact;organism;living thing;instrumentality;matter;
    abstraction;causal agent;psychological feature;attribute;relation;group;part;thing;substance;
    solid;physical phenomenon;process;phenomenon;communication;signal;event;act;activity;
    natural object;unit;way;chordate;placental;social group;person
"""


def main(wordnet: Path, table: Path) -> None:
    synsets = _read(wordnet)
    scaffolding = {word.strip() for word in _SCAFFOLDING.split(";")}
    lines = []
    for known in read_classes(with_hypernyms=False):
        names = (synsets[offset][0] for offset in _above(known.wnid[1:], synsets))
        useful = dict.fromkeys(name for name in names if name not in scaffolding)
        lines.append(f"{known.wnid}\t{'|'.join(useful)}")
    table.write_text("\n".join(lines) + "\n")


def _read(wordnet: Path) -> dict[str, tuple[str, list[str]]]:
    """Offset -> (first lemma, offsets of the direct hypernyms), as wndb(5WN) defines."""
    synsets = {}
    for line in wordnet.read_text().splitlines():
        if line.startswith("  "):
            continue
        fields = line.split("|")[0].split()
        words = int(fields[3], 16)
        first = 5 + 2 * words
        pointers = (fields[i : i + 4] for i in range(first, first + 4 * int(fields[first - 1]), 4))
        above = [offset for kind, offset, pos, _ in pointers if kind in ("@", "@i") and pos == "n"]
        synsets[fields[0]] = (fields[4].replace("_", " "), above)
    return synsets


def _above(offset: str, synsets: dict[str, tuple[str, list[str]]]) -> list[str]:
    """Breadth first, so that near words come before far ones."""
    found: list[str] = []
    level = [offset]
    while level:
        level = [h for o in level for h in synsets[o][1] if h not in found]
        found += dict.fromkeys(level)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
