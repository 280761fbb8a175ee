"""Is this original what was kept, and does its sidecar speak of it?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from albums.library.assets import Asset
from albums.library.checks import Checked, Finding
from albums.vault import Vault
from albums.vault.rereading import OnDisk, read_from_disk

_TRIES = 3  # at a file that changes while it is read


def examine(
    vault: Vault,
    folder: Path,
    asset: Asset,
    on_read: Callable[[int], None] = lambda count: None,
    *,
    others: bool = False,
) -> Checked:
    """Read one original from the disk, and its sidecar. `folder` is the library's.

    `on_read` is told the bytes of each chunk and may raise. `others`: make SHA-1 and MD5, too. A
    sidecar that is missing is for the sweep to find: it may be on its way.
    """
    path = vault.originals.path(asset.sha, asset.extension)
    sidecar = vault.sidecars.path(asset.sha)
    kind, detail, whole = _look_at(path, asset, on_read, others)
    if kind == "missing" and not sidecar.exists():
        kind = "no-files"
    found = [Finding(kind, str(path.relative_to(folder)), asset.sha, detail)] if kind else []
    if trouble := sidecar_trouble(sidecar, asset.sha):
        name = str(sidecar.relative_to(folder))
        found.append(Finding("bad-sidecar", name, asset.sha, trouble))
    sha1, md5 = (whole.sha1, whole.md5) if whole else (None, None)
    return Checked(asset, tuple(found), sha1, md5)


def _look_at(
    path: Path, asset: Asset, on_read: Callable[[int], None], others: bool
) -> tuple[str, str, OnDisk | None]:
    """Kind and detail of what is wrong with an original, both empty when it is good."""
    try:
        for _ in range(_TRIES):
            found = read_from_disk(path, on_read, others=others)
            if found.sha == asset.sha:
                return "", "", found
            if found.steady:
                return "changed", _difference(found.size, asset.size), None
    except FileNotFoundError:
        return "missing", "", None
    except OSError as error:
        return "unreadable", error.strerror or str(error), None
    return "unreadable", f"it changed {_TRIES} times while it was read", None


def _difference(size: int, expected: int) -> str:
    if size == expected:
        return "as many bytes, but others"
    return f"{size} bytes instead of {expected}"


def sidecar_trouble(path: Path, sha: str) -> str:
    """What is wrong with the sidecar at `path`; empty when it is good, or not there."""
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or str(error)
    except ValueError:
        return "it is not JSON"
    if not isinstance(content, dict):
        return "it is not a sidecar"
    if content.get("sha") != sha:
        return f"it speaks of {content.get('sha')}"
    if not content.get("arrivals") or "extension" not in content:
        return "it does not say how the original arrived"
    return ""
