"""Sentences to token ids for open_clip's text towers, without importing torch.

The same ids as open_clip's own tokenizers; `prepare` in clip.py compares them before use.
"""

from __future__ import annotations

import gzip
import html
import string
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.errors import ModelMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_START, _END = "<start_of_text>", "<end_of_text>"
_PIECES = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_MERGES = 49152 - 256 - 2


class Tokens:
    """(texts) -> int64 of shape (len(texts), context), padded with zeros."""

    def __init__(self, folder: Path, context: int, clean: str) -> None:
        """`folder` may hold a tokenizer.json; without one it is CLIP's own vocabulary."""
        from tokenizers import Tokenizer

        file = folder / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(file)) if file.exists() else _clip_vocabulary()
        self._tokenizer.enable_truncation(context)
        self._tokenizer.enable_padding(length=context, pad_id=0)
        self._clean = _canonical if clean == "canonicalize" else _lower

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        import numpy as np

        encoded = self._tokenizer.encode_batch([self._clean(text) for text in texts])
        return np.array([each.ids for each in encoded], np.int64)


def _lower(text: str) -> str:
    return " ".join(html.unescape(html.unescape(_mended(text))).split()).lower()


def _canonical(text: str) -> str:
    text = _lower(text).replace("_", " ").translate(str.maketrans("", "", string.punctuation))
    return " ".join(text.split())


def _mended(text: str) -> str:
    import ftfy

    return str(ftfy.fix_text(text))


def _clip_vocabulary() -> Tokenizer:
    """open_clip's bundled byte-pair vocabulary of 49,408 tokens."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

    pairs = (line.split() for line in _bundled().split("\n")[1 : _MERGES + 1])
    merges = [(left, right) for left, right in pairs]
    letters = [*_byte_letters()]
    names = [*letters, *(letter + "</w>" for letter in letters)]
    names += ["".join(merge) for merge in merges] + [_START, _END]
    vocabulary = {name: i for i, name in enumerate(names)}
    model: Any = models.BPE(vocabulary, merges, end_of_word_suffix="</w>")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    ends = [(name, vocabulary[name]) for name in (_START, _END)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_START} $A {_END}", special_tokens=ends
    )
    return tokenizer


def _byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte, in the order of the vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [*map(chr, shown), *(chr(256 + i) for i in range(len(hidden)))]


def _bundled() -> str:
    spec = find_spec("open_clip")  # found, not imported: that takes seconds and torch
    if spec is None or spec.origin is None:
        raise ModelMissing("open_clip is not installed", hint="Run scripts/albums once")
    path = Path(spec.origin).parent / "bpe_simple_vocab_16e6.txt.gz"
    return gzip.decompress(path.read_bytes()).decode("utf-8")
