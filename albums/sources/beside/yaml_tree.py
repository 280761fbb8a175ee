"""YAML as mappings, lists and texts. Whatever a file holds, reading it ends soon and harmlessly.

PyYAML's own construction of objects is recursive in C and falls over a thousand brackets; its
stream of events is not.
"""

from __future__ import annotations

import yaml

DEEPEST = 12
Tree = dict[str, "Tree"] | list["Tree"] | str | None


def read(raw: bytes) -> Tree:
    """The first document; aliases and keys that are no text are left out. Raises ValueError."""
    builder = _Builder()
    try:
        for event in yaml.parse(raw, Loader=yaml.CBaseLoader):
            if builder.take(event):
                break
    except (yaml.YAMLError, UnicodeError) as error:
        raise ValueError("It is not valid YAML") from error
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Tree = None
        self._open: list[dict[str, Tree] | list[Tree]] = []
        self._keys: list[str | None] = []  # of each open mapping; "": a key comes next
        self._at_key: list[bool] = []

    def take(self, event: yaml.Event) -> bool:
        """Is the document over?"""
        if isinstance(event, yaml.MappingStartEvent):
            self._begin({})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.ScalarEvent):
            self._put(event.value)
        elif isinstance(event, yaml.AliasEvent):
            self._put(None)
        return isinstance(event, yaml.DocumentEndEvent)

    def _begin(self, container: dict[str, Tree] | list[Tree]) -> None:
        if len(self._open) >= DEEPEST:
            raise ValueError("It is nested too deeply")
        self._put(container)
        self._open.append(container)
        self._keys.append(None)
        self._at_key.append(isinstance(container, dict))

    def _end(self) -> None:
        self._open.pop()
        self._keys.pop()
        self._at_key.pop()

    def _put(self, value: Tree) -> None:
        if not self._open:
            self.root = value
            return
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif self._at_key[-1]:
            self._keys[-1] = value if isinstance(value, str) else None
            self._at_key[-1] = False
        else:
            key = self._keys[-1]
            if key is not None:
                container[key] = value
            self._at_key[-1] = True
