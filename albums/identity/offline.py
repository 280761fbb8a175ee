"""Tells the model libraries that there is no hub: they then look on the disk only, and report
nothing of their own accord."""

from __future__ import annotations

import os
import sys

# Read by huggingface_hub (and so by transformers, open_clip, timm), datasets, and whatever honours
# the informal DO_NOT_TRACK. onnxruntime's switch is in albums/__init__.py: it also writes down what
# it would report in processes that never serve. torch reports nothing.
SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "DO_NOT_TRACK": "1",
}
# A proxy on this machine would carry out what the guard takes for a call to loopback.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")


def go_offline() -> None:
    """Sets the switches of this process and of those that it starts."""
    os.environ.update(SWITCHES)
    for name in PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    # It read the environment when it was imported.
    if constants := sys.modules.get("huggingface_hub.constants"):
        for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
            setattr(constants, name, True)
