"""From class probabilities to labels: the sure classes and the broader words over them.

A word's score is the summed probability of all classes below it, so that "dog" is found even
where no single breed is sure.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from albums.ml.imagenet import classes
from albums.ml.model import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Chosen on 100 everyday photos and 300 of one ImageNet class each: at these a category word has
# the same precision at 10 as with all probabilities kept, and "dog" is right 26 times of 27.
CLASS_AT_LEAST = 0.15
WORD_AT_LEAST = 0.2
MOST_CLASSES, MOST_LABELS = 4, 12


class _Words(NamedTuple):
    names: tuple[str, ...]
    below: NDArray[np.float32]  # (classes, words): 1 where the class lies below the word
    at_least: NDArray[np.float32]  # (words,): the mass from which a word is believed
    broader: dict[str, tuple[str, ...]]  # each word's own broader words, near to far


@cache
def _words() -> _Words:
    import numpy as np

    broader: dict[str, tuple[str, ...]] = {}
    for known in classes():
        for at, word in enumerate(known.broader):
            broader.setdefault(word, known.broader[at + 1 :])
    names = tuple(sorted(broader))
    column = {name: i for i, name in enumerate(names)}
    below = np.zeros((len(classes()), len(names)), np.float32)
    for row, known in enumerate(classes()):
        # A class that bears the word's own name counts too ("cock" the class, "cock" the word).
        for word in {*known.broader, *(name for name in known.lemmas if name in column)}:
            below[row, column[word]] = 1
    # Beyond the share of all classes that lie below it: else a shrug would be an animal.
    at_least = WORD_AT_LEAST + (1 - WORD_AT_LEAST) * below.mean(0)
    return _Words(names, below, at_least, broader)


def labels(probabilities: NDArray[np.float32]) -> tuple[Label, ...]:
    """One image's class probabilities, shape (1000,) -> labels, most probable first."""
    words = _words()
    mass = probabilities @ words.below
    believed = (mass >= words.at_least).nonzero()[0]
    found = [
        Label(words.names[i], _score(mass[i]), words.broader[words.names[i]])
        for i in believed[(-mass[believed]).argsort(kind="stable")]
    ]
    sure = [label for label in _sure(probabilities) if label.name not in words.broader]
    found = [*sure, *found][:MOST_LABELS]
    return tuple(sorted(found, key=lambda label: -label.score))


def _sure(probabilities: NDArray[np.float32]) -> list[Label]:
    known = classes()
    best = (-probabilities).argsort(kind="stable")[:MOST_CLASSES]
    return [
        Label(known[i].name, _score(probabilities[i]), known[i].broader)
        for i in best
        if probabilities[i] >= CLASS_AT_LEAST
    ]


def _score(probability: np.float32) -> float:
    return round(min(1.0, float(probability)), 4)
