"""What will keep the owner's devices out, said before it does: state, key and certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from albums.identity.certificate import shown_at
from albums.identity.tailscale import Daemon, LocalApi

AHEAD = timedelta(days=30)
MACHINES = "https://login.tailscale.com/admin/machines"
_HTTPS = 443


@dataclass(frozen=True)
class Notice:
    """`good` is for those who look; `doubtful` will become `broken` if nobody does anything."""

    name: Literal["tailscale", "key", "certificate", "originals", "backup", "inbox"]
    state: Literal["good", "doubtful", "broken"]
    found: str
    hint: str = ""


def health(daemon: Daemon, certificate: datetime | None, now: datetime) -> list[Notice]:
    """State, key and certificate, as far as there are any.

    `certificate`: when it ends, as `certificate_end` says; `now`: with its time zone.
    """
    notices = [_state(daemon)]
    if daemon.own:
        notices.append(_key(daemon.own.key_expiry, daemon.own.expired, now))
    if certificate:
        notices.append(_certificate(certificate, now))
    return notices


async def certificate_end(api: LocalApi, daemon: Daemon) -> datetime | None:
    """When the certificate of the box's own address ends; None: none is in use, or unknown.

    Never asks for one that is not in use: tailscaled would have it made, which makes the box's
    name public. Raises TailscaleDown.
    """
    targets = (await api.served()).targets
    for domain in daemon.cert_domains:
        if f"{domain}:{_HTTPS}" in targets:
            ends = await api.certificate(domain)
            if ends is None and daemon.addresses:  # only root may read it; it is shown to all
                ends = await shown_at(daemon.addresses[0], _HTTPS, domain)
            return ends
    return None


def _state(daemon: Daemon) -> Notice:
    if daemon.state == "running":
        found = f"running, {daemon.own.fqdn if daemon.own else 'without a name'}"
        if daemon.health:
            return Notice("tailscale", "good", f"{found}; it says: {'; '.join(daemon.health)}")
        return Notice("tailscale", "good", found)
    found = f"{daemon.state} ({daemon.why})" if daemon.why else daemon.state
    state: Literal["good", "doubtful"] = "good" if daemon.state == "not installed" else "doubtful"
    return Notice("tailscale", state, found, daemon.hint)


def _key(ends: datetime | None, expired: bool, now: datetime) -> Notice:
    hint = f"Switch its expiry off at {MACHINES} (the menu of the box), or renew it now: "
    hint += "sudo tailscale up --force-reauth"
    if expired or (ends and ends <= now):
        return Notice("key", "broken", f"the box's key ended{_on(ends)}: no device gets in", hint)
    if ends is None:
        return Notice("key", "good", "the box's key does not end")
    found = f"the box's key ends{_on(ends)}, in {_days(ends, now)}"
    if ends - now <= AHEAD:
        return Notice("key", "doubtful", f"{found}; then no device gets in", hint)
    return Notice("key", "good", found)


def _certificate(ends: datetime, now: datetime) -> Notice:
    hint = "Tailscale renews it by itself while the box reaches the internet; why it does not is "
    hint += "in: journalctl -u tailscaled --grep cert"
    if ends <= now:
        found = f"the certificate ended{_on(ends)}: browsers and the app refuse the box"
        return Notice("certificate", "broken", found, hint)
    found = f"the certificate ends{_on(ends)}, in {_days(ends, now)}"
    if ends - now <= AHEAD:
        return Notice("certificate", "doubtful", found, hint)
    return Notice("certificate", "good", found)


def _on(moment: datetime | None) -> str:
    return f" on {moment:%Y-%m-%d}" if moment else ""


def _days(ends: datetime, now: datetime) -> str:
    days = (ends - now).days
    return "1 day" if days == 1 else f"{days} days"
