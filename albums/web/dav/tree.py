"""/dav/library/<year>/<month>/<name>: the whole library, to read."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from albums.assembly import Albums
from albums.library import by_month
from albums.library.by_month import Shown
from albums.web.dav.items import Item, etag_of, http_date
from albums.web.dav.places import DavRefusal
from albums.web.files import disposition, file_response

_NANO = 1_000_000_000
_EARLIEST = -62135596800  # the year 1


def find(albums: Albums, path: str) -> tuple[Item, Shown | None]:
    """Raises DavRefusal (404). The file itself comes along where it is one."""
    parts = path.split("/") if path else []
    with albums.library.read() as db:
        match parts:
            case []:
                return _folder(""), None
            case [year] if year in by_month.years(db):
                return _folder(path), None
            case [year, month] if month in by_month.months(db, year):
                return _folder(path), None
            case [year, month, name]:
                shown = by_month.files(db, year, month).get(name)
                if shown:
                    return _file(f"{year}/{month}", shown), shown
    raise DavRefusal(404, f"There is no {path} in the library")


def children(albums: Albums, path: str) -> list[Item]:
    parts = path.split("/") if path else []
    with albums.library.read() as db:
        if not parts:
            return [_folder(year) for year in by_month.years(db)]
        if len(parts) == 1:
            return [_folder(f"{path}/{month}") for month in by_month.months(db, path)]
        return [_file(path, shown) for shown in by_month.files(db, *parts).values()]


def serve(request: Request, albums: Albums, item: Item, shown: Shown) -> Response:
    path = albums.vault.originals.path(shown.sha, shown.extension)
    headers = {
        **disposition(shown.name, shown.mime),
        "last-modified": http_date(item.modified_ns),
        "cache-control": "private, no-cache",  # another file may get this name
    }
    return file_response(request, path, shown.mime, item.etag, headers)


def _folder(path: str) -> Item:
    return Item("library", path, is_folder=True)


def _file(folder: str, shown: Shown) -> Item:
    moment = max(_EARLIEST, shown.captured_utc or 0) * _NANO
    sums = [f"{n}:{v}" for n, v in (("SHA1", shown.sha1), ("MD5", shown.md5)) if v]
    return Item(
        "library",
        f"{folder}/{shown.name}",
        False,
        shown.size,
        shown.mime,
        etag_of(shown.sha),
        moment,
        moment,
        " ".join(sums),
    )
