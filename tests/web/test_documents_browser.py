"""A document in a real browser: marks lie on their words, keys turn pages, text can be taken."""

from __future__ import annotations

import time

import pytest

from albums.assembly import Albums
from tests.arrivals import arrival_of
from tests.media.papers import pdf
from tests.web.chromium import PROGRAMS, Chromium, program
from tests.web.conftest import Local

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        program() is None, reason=f"no browser: none of {', '.join(PROGRAMS)} is installed"
    ),
]
LETTER = pdf([["Dear Ana,"], ["Tax form 2024", "Income"], ["Kind regards"]])


def bring(albums: Albums, content: bytes) -> str:
    sha = albums.receiver.receive(arrival_of(content, "letter.pdf")).sha
    steps = [step for step in albums.runner.steps if step.name in ("facts", "pages", "words")]
    while any([albums.runner._do_batch(step, False) for step in steps]):
        pass
    return sha


def test_a_mark_lies_on_its_word_and_the_text_can_be_taken(local: Local, browser: Chromium) -> None:
    sha = bring(local.albums, LETTER)
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}?q=2024+form")
    assert browser.run("document.querySelector('.leaf img').naturalHeight") == 1600
    where = """(() => {
        const page = document.querySelector('.leaf img').getBoundingClientRect();
        const mark = [...document.querySelectorAll('mark')].find((m) => m.textContent == '2024');
        const { left, right, top } = mark.getBoundingClientRect();
        return [(left - page.left) / page.width, (right - page.left) / page.width,
                (top - page.top) / page.height];
    })()"""
    left, right, top = browser.run(where)
    # Helvetica, 14 points from 60 on: "Tax form " is 56 points wide, "2024" 31.
    assert left == pytest.approx(116 / 595, abs=0.012)
    assert right == pytest.approx(147 / 595, abs=0.012)
    assert top == pytest.approx(70 / 842, abs=0.01)
    taken = """(() => {
        getSelection().selectAllChildren(document.querySelector('.lines'));
        return getSelection().toString();
    })()"""
    assert browser.run(taken).split("\n") == ["Tax form 2024", "Income"]
    assert not browser.seen.trouble


def test_keys_turn_the_pages_but_not_while_somebody_types(local: Local, browser: Chromium) -> None:
    sha = bring(local.albums, LETTER)
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")

    def press(key: str) -> str:
        browser.tell("Input.dispatchKeyEvent", type="keyDown", key=key)
        time.sleep(0.3)
        browser.settle()
        return str(browser.run("document.querySelector('.leaf img').alt"))

    assert press("ArrowRight") == "Page 2 of 3"
    assert press("ArrowRight") == "Page 3 of 3"
    assert press("ArrowRight") == "Page 3 of 3"
    assert press("ArrowLeft") == "Page 2 of 3"
    browser.run("document.querySelector('.leafing input[type=search]').focus()")
    assert press("ArrowLeft") == "Page 2 of 3"
    assert not browser.seen.trouble


def test_a_page_that_cannot_be_drawn_says_why(local: Local, browser: Chromium) -> None:
    sha = bring(local.albums, LETTER)
    local.albums.vault.originals.path(sha, ".pdf").unlink()
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")
    time.sleep(0.5)
    said = browser.run("document.querySelector('.say[role=status]').textContent")
    assert said == "letter.pdf is missing from the disk. Restore it from a backup."
