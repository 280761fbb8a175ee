"""Who may come in: a made-up tailnet for every test that wants one."""

from __future__ import annotations

from tests.identity.localapi import tailscaled
from tests.identity.serve import serve

__all__ = ["serve", "tailscaled"]
