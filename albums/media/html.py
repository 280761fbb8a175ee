"""The text of an HTML page, in paragraphs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from albums.media.flow import Flow

_BLOCKS = {
    "p", "div", "br", "li", "ul", "ol", "tr", "table", "section", "article", "header", "footer",
    "blockquote", "pre", "dt", "dd", "figure", "figcaption", "hr", "body", "html", "title",
    "h1", "h2", "h3", "h4", "h5", "h6", "address", "aside", "main", "nav", "form", "option",
}  # fmt: skip
_UNSEEN = {"script", "style", "template", "noscript"}
_NAMES = ("author", "description", "keywords", "date", "dcterms.created", "generator")


def read_html(text: str, into: Flow) -> None:
    """Adds its paragraphs to `into`, and what it says of itself."""
    page = _Page(into)
    page.feed(text)
    page.close()
    page.end_line()


class _Page(HTMLParser):
    def __init__(self, into: Flow) -> None:
        super().__init__(convert_charrefs=True)
        self._into = into
        self._pieces: list[str] = []
        self._heading = 0
        self._unseen = ""
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = self._unseen or tag
        elif tag == "meta":
            self._meta({name: value or "" for name, value in attrs})
        elif tag in _BLOCKS:
            self.end_line()
            self._title = tag == "title"
            self._heading = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
        elif tag in ("td", "th") and self._pieces:
            self._pieces.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        elif tag in _BLOCKS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._pieces.append(re.sub(r"\s+", " ", data))

    def end_line(self) -> None:
        text = "".join(self._pieces).strip(" ")
        self._pieces.clear()
        heading, self._heading = self._heading, 0
        if self._title and text:
            self._into.said.setdefault("title", text)
        elif text.strip():
            self._into.add(text, heading)
        self._title = False

    def _meta(self, given: dict[str, str]) -> None:
        name = given.get("name", given.get("property", "")).lower()
        if name in _NAMES and given.get("content"):
            self._into.said.setdefault(name, given["content"])
