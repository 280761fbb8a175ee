"""Makes albums/ml/hypernyms.tsv: for each ImageNet class the words above it, near to far.

Facts from WordNet 3.0 (Debian's wordnet-base). Run once:
python scripts/make_hypernyms.py data.noun albums/ml/hypernyms.tsv
"""

import sys
from pathlib import Path

from albums.ml.imagenet import read_classes

# Words nobody looks for: WordNet's scaffolding between a thing and everything.
_SCAFFOLDING = """
    entity;physical entity;object;whole;artifact;organism;living thing;instrumentality;matter;
    abstraction;causal agent;psychological feature;attribute;relation;group;part;thing;substance;
    solid;physical phenomenon;process;phenomenon;communication;signal;event;act;activity;
    natural object;unit;way;facility;structure;covering;device;conveyance;container;implement;
    commodity;consumer goods;durables;chordate;placental;diapsid;aquatic vertebrate;saurian;
    reproductive structure;plant organ;plant part;natural elevation;obstruction;restraint;
    mechanism;mechanical device;protective covering;self-propelled vehicle;nutriment;craft;
    instrument;equipment;surface;produce;arrangement;collection;system;constraint;creation;
    product;enclosure;area;position;location;region;point;topographic point;line;shape;
    vascular plant;teleost fish;oscine;colubrid snake;decapod crustacean;even-toed ungulate;
    odd-toed ungulate;bony fish;soft-finned fish;spiny-finned fish;place of business;
    mercantile establishment;establishment;means;support;supporting structure;connection;
    fastener;attachment;piece;sheet;strip;representation;content;message;game;diversion;
    supplying;social group;person;material;building material;fibre;fiber;wading bird;vertebrate;
    invertebrate;arthropod;carnivore;ungulate;ruminant;bovid;passerine;musteline mammal;
    elasmobranch;anapsid;chelonian;cartilaginous fish;metatherian;prototherian;anthropoid ape;
    lamellicorn beetle;ganoid;plectognath;scorpaenoid;scorpaenid;percoid fish;piece of cloth;
    source of illumination;white goods;drygoods;article;agent;measure;round shape;top;work;
    course;fluid;liquid;stick;
    drug of abuse;drug;starches;ware;weight;participant;peer;associate;contestant;medium;press;
    starch;housing;framework;spermatophyte;angiosperm;procyonid;proboscidean;pachyderm;viverrine;
    gallinaceous bird;phasianid;anseriform bird;coraciiform bird;piciform bird;cuculiform bird;
    apodiform bird;sphenisciform seabird;pelecaniform seabird;leporid;lagomorph;placental mammal;
    cypriniform fish;cyprinid;edentate;monotreme;coelenterate;anthozoan;odonate;elapid
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
