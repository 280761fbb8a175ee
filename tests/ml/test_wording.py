from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ml.model import Scene
from albums.ml.wording import neutral, things_in, tidy_description, tidy_tags, tidy_title, valid
from tests.ml.tiny import picture

_IMAGE = picture(0, (8, 8))


@given(st.text(), st.text(), st.lists(st.text()), st.text(), st.text())
def test_whatever_a_model_says_the_caption_is_valid(
    title: str, description: str, tags: list[str], place: str, when: str
) -> None:
    caption = valid(title, description, tags, Scene(_IMAGE, place=place, captured_at=when))
    assert 3 <= len(caption.title.split()) <= 7
    assert caption.description[-1] in ".!?"
    assert len(caption.description) <= 601
    assert len(caption.tags) <= 10
    assert all(tag == tag.lower() and 1 < len(tag) <= 30 for tag in caption.tags)
    assert len(set(caption.tags)) == len(caption.tags)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("The image shows a man riding a wave on top of a board.", "A man riding a wave on top"),
        ("a photo of two dogs on the beach", "Two dogs on the beach"),
        ("dogs", ""),
        ("", ""),
    ],
)
def test_a_title_says_what_is_seen_in_at_most_seven_words(said: str, title: str) -> None:
    assert tidy_title(said) == title


def test_a_description_ends_after_three_whole_sentences() -> None:
    assert tidy_description("One dog. Two dogs! Three? Four. Fi") == "One dog. Two dogs! Three?"
    assert tidy_description("The image shows a dog") == "A dog."


def test_tags_are_lowercase_and_come_once() -> None:
    said = ["Dog", "dog", " Beach ", "a tag of far too many words", "x", "snow-board"]
    assert tidy_tags(said) == ("dog", "beach", "snow-board")


def test_things_are_found_in_a_sentence_as_singular_nouns() -> None:
    assert things_in("Two dogs run on the beaches near a car") == ["dog", "beach", "car"]


def test_a_neutral_caption_claims_nothing() -> None:
    caption = neutral(Scene(_IMAGE, captured_at="not a date"))
    assert caption.title == "Photo of unknown date"
    assert caption.tags == ()
