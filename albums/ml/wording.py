"""What makes a caption valid: a title of 3-7 words, 1-3 sentences, clean lowercase tags.

Whatever a model says is brought into this form, so that no captioner can break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from albums.ml.imagenet import classes
from albums.ml.model import Caption, Scene

TITLE_WORDS = (3, 7)
SENTENCES, DESCRIPTION_CHARACTERS = 3, 600
TAGS, TAG_CHARACTERS = 10, 30

_PREAMBLE = re.compile(
    r"^(?:(?:in )?(?:this|the|an?) (?:image|picture|photo|photograph)"
    r"(?:,? (?:we can see|there (?:is|are)|shows?|showing|depicts?|features?|is (?:of|showing)"
    r"|of|captures?))?,? ?(?:that )?)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<[^<>]{0,60}>|[*_#`]+|[\x00-\x1f\x7f]+")
_SENTENCE = re.compile(r"[^.!?]+[.!?]+(?=\s|$)|[^.!?]+$")
_DANGLING = "a an the of with in on at and or to from by for is are its his her"
_EVERYDAY = """
    man woman person people boy girl child children baby crowd family friend player beach sea ocean
    wave sand lake river pond pool water waterfall snow ice mountain hill rock cliff forest tree
    grass field garden flower leaf park sky cloud sunset sunrise night street road city town
    building house room kitchen window door stairs fence wall table food meal cake drink dog cat
    horse bird cow sheep car bus train boat ship plane bicycle bike motorcycle skateboard ball
    football soccer baseball basketball tennis hat shirt jacket dress coat glasses uniform party
    wedding concert race game stage market shop festival fire
"""


def valid(title: str, description: str, tags: Iterable[str], scene: Scene) -> Caption:
    """A valid Caption of a model's words; what is missing is filled in without inventing."""
    told = tidy_description(description)
    spare = neutral(scene)
    return Caption(
        tidy_title(title) or tidy_title(told) or spare.title,
        told or spare.description,
        tidy_tags(tags),
    )


def neutral(scene: Scene) -> Caption:
    """Says when and where, and nothing of what is in the picture."""
    when, place = day(scene), scene.place
    known = [text for text in (when, _town(place)) if text]
    title = ", ".join([scene.kind, *known]) if known else f"{scene.kind} of unknown date"
    title = tidy_title(title) or f"{scene.kind} taken in {_town(place)}"
    where = f" in {place}" if place else ""
    taken = f"{scene.kind} taken{where} on {when}." if when else f"{scene.kind} taken{where}."
    return Caption(title, taken if known else f"{scene.kind} of unknown date and place.", ())


def tidy_title(text: str) -> str:
    """At most seven words, the first with a capital, nothing dangling; "" where fewer than 3."""
    text = _PREAMBLE.sub("", _plain(text)).split(". ")[0].rstrip(".!?,;: ")
    words = text.split()[: TITLE_WORDS[1]]
    while words and words[-1].lower().strip(",;:") in _DANGLING.split():
        words.pop()
    title = " ".join(words).rstrip(",;:- ")[:100]
    return title[:1].upper() + title[1:] if len(title.split()) >= TITLE_WORDS[0] else ""


def tidy_description(text: str) -> str:
    """One to three whole sentences; "" where there are none."""
    text = _PREAMBLE.sub("", _plain(text))[: 3 * DESCRIPTION_CHARACTERS]
    sentences = [s.strip() for s in _SENTENCE.findall(text) if re.search(r"\w", s)]
    whole = [s for s in sentences if s[-1] in ".!?"] or sentences
    kept = " ".join(s[:1].upper() + s[1:] for s in whole[:SENTENCES])
    if len(kept) > DESCRIPTION_CHARACTERS:
        kept = kept[:DESCRIPTION_CHARACTERS].rsplit(" ", 1)[0]
    return kept if not kept or kept[-1] in ".!?" else kept.rstrip(",;: ") + "."


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """At most ten, lowercase, of one to three words, each once."""
    clean = (" ".join(re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", tag.lower())) for tag in tags)
    fitting = (t for t in clean if 1 < len(t) <= TAG_CHARACTERS and len(t.split()) <= 3)
    return tuple(dict.fromkeys(fitting))[:TAGS]


def things_in(text: str) -> list[str]:
    """Nouns of a sentence that we know as things: singular, in order, each once."""
    words = re.findall(r"[a-z]+", text.lower())
    known = _things()
    singular = (next((s for s in _singulars(word) if s in known), None) for word in words)
    return list(dict.fromkeys(word for word in singular if word))


def day(scene: Scene) -> str:
    """ "12 May 2024", or "" where the date is not known."""
    try:
        taken = date.fromisoformat((scene.captured_at or "")[:10])
    except ValueError:
        return ""
    return f"{taken.day} {taken:%B %Y}"


def _town(place: str | None) -> str:
    return (place or "").split(",")[0].strip()


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).split())


def _singulars(word: str) -> tuple[str, ...]:
    return (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")


@cache
def _things() -> frozenset[str]:
    named = (name for known in classes() for name in (*known.lemmas, *known.broader))
    return frozenset(_EVERYDAY.split()) | {
        name for name in named if name.isalpha() and name.islower()
    }
