"""Makes `import torchvision` work where its wheel was built for CUDA and torch for the CPU.

Such a torchvision cannot load its compiled operators and fails on import, and takes open_clip and
transformers' vision models down with it. Declaring the two operators it registers fakes for is
enough: transforms work; only torchvision.ops.nms itself does not, and nothing here calls it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@cache
def cure_torchvision() -> Any:
    """Call before the first import of torchvision, open_clip or transformers' models.

    Returns the operator library, or None where torchvision is healthy; the cache keeps it alive.
    """
    import torch

    built_for = _cuda_of_torchvision()
    if built_for is None or built_for == torch.version.cuda:
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(operator + _SIGNATURE)  # type: ignore[no-untyped-call]
    return library


def _cuda_of_torchvision() -> str | None:
    """The CUDA version that the installed wheel names ("13.0"), read without importing it."""
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return None
    text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    named = re.search(r"\+cu(\d+)(\d)'", text)
    return f"{named[1]}.{named[2]}" if named else None
