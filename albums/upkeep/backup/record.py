"""`backups.json` in the library's folder: which backups there are, and how their drills ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from albums.errors import LibraryUnusable
from albums.identity.health import Notice
from albums.settings import Settings
from albums.vault.durable import replace_synced

FILE = "backups.json"
_LATE = 2  # times the wanted distance, and a day
_TRY_IT = "Try it: albums backup check"


def read_record(library: Path) -> dict[str, dict[str, Any]]:
    """By folder of the backup: `id`, `first_backup` (a time), and as they ended `last_backup`,
    `failed` (by the clock, since then), `last_drill`, `last_good_drill`.

    Raises LibraryUnusable for a damaged file.
    """
    try:
        content = json.loads((library / FILE).read_bytes())
        return {str(path): dict(about) for path, about in content["backups"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryUnusable(
            f"{library / FILE} is damaged",
            why=str(error),
            hint="Remove it: it only holds when backups were made and tried",
        ) from error


def note(library: Path, target: Path, **news: Any) -> None:
    """Remember what happened with the backup at `target`."""
    record = read_record(library)
    record[str(target)] = record.get(str(target), {}) | news
    content = json.dumps({"schema": 1, "backups": record}, ensure_ascii=True, indent=1)
    replace_synced(library / FILE, content.encode())


def note_backup(library: Path, target: Path, made: dict[str, Any]) -> None:
    """It went well."""
    first = read_record(library).get(str(target), {}).get("first_backup", made["at"])
    note(library, target, first_backup=first, last_backup=made, failed=None)


def last_backup_at(library: Path) -> str | None:
    """When the newest backup was begun that went well (UTC): all is in it, and no drill found it
    damaged since. Raises LibraryUnusable."""
    made = [about["last_backup"]["at"] for about in read_record(library).values() if _good(about)]
    return max(made, default=None)


def _good(about: dict[str, Any]) -> bool:
    made, drill = about.get("last_backup"), about.get("last_drill")
    if not made or made.get("lost"):
        return False
    return not drill or bool(drill["whole"]) or str(drill["at"]) < str(made["at"])


def damaged_files(library: Path, target: Path) -> set[Path]:
    """Files in the backup at `target` that the last drill found damaged or missing."""
    drill = read_record(library).get(str(target), {}).get("last_drill") or {}
    return {target / file["stored"] for file in drill.get("damaged", [])}


def age(at: str | None) -> timedelta | None:
    """Since a time as the record holds it."""
    return datetime.now(UTC) - datetime.fromisoformat(at) if at else None


def wanted(settings: Settings) -> str:
    """The folder for backups by the clock, as the record names it; empty: none."""
    return str(Path(settings.backup_to)) if settings.backup_to else ""


def notice(settings: Settings) -> Notice | None:
    """What to say of the backups; None where the owner neither has nor wants one."""
    try:
        record = read_record(settings.library)
    except LibraryUnusable as error:
        return _notice("doubtful", error.what, error.hint)
    target = wanted(settings)
    if not target:
        made = [path for path, about in record.items() if about.get("last_backup")]
        if not made:
            return None
        target = max(made, key=lambda path: str(record[path]["last_backup"]["at"]))
    about = record.get(target, {})
    worry, hint = _worry(about, settings) if wanted(settings) else ("", "")
    return _notice("doubtful" if worry else "good", worry or _said(about, target), hint)


def _worry(about: dict[str, Any], settings: Settings) -> tuple[str, str]:
    """What is wrong and what to do; empty when all is well."""
    target = wanted(settings)
    made = age((about.get("last_backup") or {}).get("at"))
    if made is None:
        return (
            f"there is no backup in {target} yet",
            f"Make the first by hand: albums backup {target}",
        )
    failed, drill = about.get("failed"), about.get("last_drill")
    if _too_old(made, settings.backup_every_days):
        why = f"; the last try failed: {failed['why']}" if failed else ""
        return f"the last backup to {target} is {_days(made)} old{why}", "Is its disk there?"
    if drill and not drill["whole"]:
        return f"the last drill of {target} failed", "Make a new backup, then: albums backup check"
    tried = age((about.get("last_good_drill") or {}).get("at"))
    if tried is None and _too_old(age(about["first_backup"]), settings.backup_check_every_days):
        return f"the backup in {target} was never tried", _TRY_IT
    if tried and _too_old(tried, settings.backup_check_every_days):
        return f"the last good drill of {target} was {_days(tried)} ago", _TRY_IT
    return "", ""


def _too_old(found: timedelta | None, days: int) -> bool:
    return bool(days and found and found > timedelta(days=days * _LATE + 1))


def _said(about: dict[str, Any], target: str) -> str:
    made = age(about["last_backup"]["at"])
    drill = age((about.get("last_good_drill") or {}).get("at"))
    assert made is not None
    tried = f"last good drill {_days(drill)} ago" if drill is not None else "never tried"
    return f"last backup to {target} {_days(made)} ago, {tried}"


def _days(found: timedelta) -> str:
    return "1 day" if found.days == 1 else f"{found.days} days"


def _notice(state: Literal["good", "doubtful"], found: str, hint: str) -> Notice:
    return Notice("backup", state, found, hint)
