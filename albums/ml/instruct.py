"""Instruction-following models (SmolVLM, Qwen3-VL): one JSON answer that cannot be malformed.

Each token is chosen among those that keep the answer within the schema (llguidance).
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from albums.ml.model import Caption, Scene
from albums.ml.wording import day, valid

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.vlm import Loaded

# Every string is bounded: greedy decoding of a weak model would otherwise never end.
_TEXT = r"[ !#-\[\]-~À-ÿ]"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "pattern": "^[A-Z][a-z'-]{1,13}( [A-Za-z'-]{1,14}){2,6}$"},
        "description": {"type": "string", "pattern": f"^[A-Z]{_TEXT}{{19,299}}$"},
        "tags": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z]{3,14}( [a-z]{3,14})?$"},
            "minItems": 5,
            "maxItems": 10,
        },
    },
    "required": ["title", "description", "tags"],
    "additionalProperties": False,
    "x-guidance": {"whitespace_flexible": False},
}
_MOST_TOKENS = 1200  # more than the schema can need at a token a character
_PROMPT = (
    "Describe this photo for a photo library. Answer as JSON with a title of 3 to 7 words, "
    "a description of 1 to 3 sentences, and 5 to 10 lowercase tags. Say only what can be seen."
)


class InstructCaptioner:
    """Any chat model with pictures that transformers loads as image-text-to-text."""

    def __init__(self, model: str, version: str, loaded: Loaded, longest: int) -> None:
        """`longest`: pixels of the longer side that the model is shown."""
        self.model, self.version, self.engine = model, version, loaded.engine
        self._loaded, self._longest = loaded, longest
        _one_tile(loaded.processor.image_processor)

    def caption(self, scene: Scene) -> Caption:
        """Greedy, so the same photo gets the same words again."""
        inputs = self._inputs(scene)
        start = inputs["input_ids"].shape[1]
        ids = self._generate(inputs, logits_processor=[self._grammar(start)])
        text = self._loaded.processor.tokenizer.decode(ids[0, start:], skip_special_tokens=True)
        return _as_caption(text, scene)

    def first_logits(self, image: Image.Image) -> NDArray[np.float32]:
        made = self._generate(
            self._inputs(Scene(image)),
            max_new_tokens=1,
            output_logits=True,
            return_dict_in_generate=True,
        )
        logits: NDArray[np.float32] = made.logits[0][0].float().cpu().numpy()
        return logits

    def _inputs(self, scene: Scene) -> Any:
        processor = self._loaded.processor
        small = scene.image.copy()
        small.thumbnail((self._longest, self._longest))
        asked = [{"type": "image"}, {"type": "text", "text": _PROMPT + _known(scene)}]
        prompt = processor.apply_chat_template(
            [{"role": "user", "content": asked}], add_generation_prompt=True
        )
        return self._loaded.to_device(processor(text=prompt, images=[small], return_tensors="pt"))

    def _generate(self, inputs: Any, **how: Any) -> Any:
        import torch

        with torch.inference_mode():
            return self._loaded.model.generate(
                **inputs,
                do_sample=False,
                eos_token_id=self._loaded.processor.tokenizer.eos_token_id,
                pad_token_id=self._loaded.processor.tokenizer.pad_token_id,
                **{"max_new_tokens": _MOST_TOKENS, **how},
            )

    @cached_property
    def _vocabulary(self) -> Any:
        from llguidance.hf import from_tokenizer

        size = self._loaded.model.get_output_embeddings().weight
        width = (size() if callable(size) else size).shape[0]
        return from_tokenizer(self._loaded.processor.tokenizer, n_vocab=width)

    def _grammar(self, start: int) -> Any:
        """A logits processor that lets through only what the schema allows next."""
        import numpy as np
        import torch
        from llguidance import LLMatcher
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

        grammar = LLMatcher.grammar_from_json_schema(json.dumps(_SCHEMA))
        matcher = LLMatcher(self._vocabulary, grammar)
        allowed = allocate_token_bitmask(1, self._vocabulary.vocab_size)
        seen = start

        def keep(ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            nonlocal seen
            matcher.consume_tokens(ids[0, seen:].tolist())
            seen = ids.shape[1]
            fill_next_token_bitmask(matcher, allowed, 0)
            bits = np.unpackbits(allowed.view(np.uint8), axis=1, bitorder="little")
            forbidden = torch.from_numpy(bits[:, : scores.shape[1]] == 0).to(scores.device)
            return scores.masked_fill(forbidden, float("-inf"))

        return keep


def _one_tile(image_processor: Any) -> None:
    """Idefics3's default enlarges any photo to 2048 px and cuts it into up to 17 tiles."""
    if hasattr(image_processor, "do_image_splitting"):
        image_processor.do_image_splitting = False
        image_processor.size = {"longest_edge": image_processor.max_image_size["longest_edge"]}


def _known(scene: Scene) -> str:
    when = f" on {day(scene)}" if day(scene) else ""
    where = f" in {scene.place}" if scene.place else ""
    return f" It was taken{where}{when}." if where or when else ""


def _as_caption(text: str, scene: Scene) -> Caption:
    try:
        told = json.loads(text)
    except json.JSONDecodeError:  # cut off at the token limit
        return valid("", text, (), scene)
    return valid(told["title"], told["description"], told["tags"], scene)
