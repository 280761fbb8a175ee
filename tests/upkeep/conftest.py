"""The doctor looks at Tailscale too."""

from __future__ import annotations

from tests.identity.localapi import tailscaled

__all__ = ["tailscaled"]
