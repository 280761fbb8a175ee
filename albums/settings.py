"""Every setting, with its help, in one frozen object. The only reader of the environment.

Precedence: command line > environment (ALBUMS_<NAME>) > albums.toml in the library > default.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from albums.errors import BadInput

CONFIG_NAME = "albums.toml"
_PROGRAM_ROOT = Path(__file__).resolve().parent.parent


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Settings:
    """One library's settings. `documented()` prints them as an albums.toml."""

    library: Path = _setting(Path("data"), "folder that holds originals, pictures and albums.db")
    models: Path = _setting(_PROGRAM_ROOT / "models", "folder that holds model weights")
    host: str = _setting("127.0.0.1", "address that `albums serve` listens on")
    port: int = _setting(8300, "port that `albums serve` listens on; 0 picks a free one")
    hosts: str = _setting("", "other names that this box is called by, separated by commas")
    tailscale_socket: str = _setting("", "tailscaled's own socket; empty = where it usually lies")
    serve_socket: str = _setting("", "socket that `tailscale serve` forwards to; empty = none")
    workers: int = _setting(0, "decoder processes at once; 0 = one a processor core")
    decode_memory_mb: int = _setting(2048, "memory that one decoder process may use, in MiB")
    decode_seconds: int = _setting(60, "time that one file may take to decode, in seconds")
    decode_megapixels: int = _setting(500, "larger pictures are kept but not decoded")
    playable_height: int = _setting(
        1080, "lines of films that are made for browsers; 0 = none made"
    )
    playable_hours: int = _setting(12, "time that making one film playable may take, in hours")
    embedder: str = _setting("auto", "model for search by meaning; auto = the best on the shelf")
    captioner: str = _setting("auto", "model that describes photos; auto = the best on the shelf")
    reader: str = _setting("auto", "model that reads text in pictures; auto = what `use` chose")
    model_threads: int = _setting(0, "threads that a model may use; 0 = one a processor core")
    time_zone: str = _setting("", "zone of cameras that do not say theirs; empty = this machine's")
    upload_limit_gb: int = _setting(64, "largest single upload, in GiB")
    inbox: str = _setting("inbox", "folder whose files are taken in and then removed from it")
    trash_days: int = _setting(30, "days until the trash lets go for good; 0 = never by itself")
    verify_at: str = _setting("03:30", "when originals are read again each day; empty = never")
    verify_minutes: int = _setting(60, "how long originals are read again each day, in minutes")
    verify_mb_s: int = _setting(100, "how fast they are read then, in MB a second; 0 = full speed")
    backup_to: str = _setting("", "folder on another disk for backups by the clock; empty = none")
    backup_every_days: int = _setting(1, "days between backups by the clock; 0 = never")
    backup_keep: int = _setting(14, "snapshots that a backup keeps, the newest; 0 = all")
    backup_check_every_days: int = _setting(30, "days between drills by the clock; 0 = never")
    log_level: str = _setting("info", "debug, info, warning or error")

    @property
    def database(self) -> Path:
        return self.library / "albums.db"

    @property
    def inbox_folder(self) -> Path:
        """Where no other place is said, in the library."""
        return self.library / Path(self.inbox).expanduser()

    @property
    def cores(self) -> int:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2

    @property
    def decoders(self) -> int:
        return self.workers or self.cores


_TYPES = {f.name: f.type for f in fields(Settings)}


def _parse(name: str, value: object, origin: str) -> object:
    kind = _TYPES[name]
    try:
        if kind == "int" and not isinstance(value, bool):
            return int(str(value))
        if kind == "Path":
            return Path(str(value)).expanduser()
        if kind == "str" and isinstance(value, str):
            return value
    except ValueError:
        pass
    raise BadInput(
        f"{origin}: {name} = {value!r} is not valid",
        why=f"{name} must be {'a whole number' if kind == 'int' else 'text'}",
        hint=f"It is: {_help(name)}",
    )


def _help(name: str) -> str:
    return next(str(f.metadata["help"]) for f in fields(Settings) if f.name == name)


def _known(name: str, origin: str) -> str:
    if name in _TYPES:
        return name
    near = difflib.get_close_matches(name, _TYPES, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"Known settings: {', '.join(_TYPES)}"
    raise BadInput(f"{origin}: there is no setting {name!r}", hint=hint)


def _from_file(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path} cannot be read", why=str(error), hint="Mend the line or remove it"
        ) from error
    return {_known(k, str(path)): _parse(k, v, str(path)) for k, v in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in environment.items():
        if key.startswith("ALBUMS_") and key not in _OTHER_VARIABLES:
            name = _known(key.removeprefix("ALBUMS_").lower(), "environment")
            found[name] = _parse(name, value, "environment")
    return found


# Read elsewhere: by typer's completion, by tests and benchmarks that use sample photos.
_OTHER_VARIABLES = {"ALBUMS_SAMPLES", "ALBUMS_PYTHON"}


def load_settings(
    library: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: object
) -> Settings:
    """Settings of the library at `library` (default: ALBUMS_LIBRARY, else ./data).

    Raises BadInput for an unknown key (naming the nearest right one) or a value of the wrong type.
    """
    from_environment = _from_environment(os.environ if environment is None else environment)
    folder = library or from_environment.get("library") or Settings.library
    folder = Path(str(folder)).expanduser().absolute()
    values = _from_file(folder / CONFIG_NAME) | from_environment
    values |= {k: v for k, v in overrides.items() if v is not None}
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    return replace(settings, library=folder, models=settings.models.absolute())


def documented() -> str:
    """The text of an albums.toml that says every default."""
    lines = []
    for f in fields(Settings):
        if f.name in ("library", "models"):  # their defaults are places on this machine
            continue
        value = f'"{f.default}"' if isinstance(f.default, str) else f.default
        lines += [f"# {f.metadata['help']}", f"# {f.name} = {value}", ""]
    return "\n".join(lines)
