"""The map. Drawn here as SVG, with links; static/map.js puts one that moves in its place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.assembly import Albums
from albums.errors import AlbumsError, NotFound
from albums.ingest.facts.gazetteer import gazetteer
from albums.search.area import Area
from albums.search.map import Cluster, Located, clusters
from albums.web.api.map import positions
from albums.web.files import file_response
from albums.web.outline import outline
from albums.web.pages.listing import Listing, listing
from albums.web.pages.render import render
from albums.web.request import Asking, Opened
from albums.web.view import View

router = APIRouter()
_STRIP = 48  # photos beside the map
_SMALL = (480, 300)  # pixels
_AROUND_ONE = 0.035  # of the world's width: some hundred kilometres around a photo
_NAME = (100, 24)  # pixels that a city's name takes
_WORLD = Area(-56, -180, 76, 180)


@dataclass(frozen=True)
class Mark:
    """A cluster as it is drawn."""

    x: float
    y: float
    radius: float
    label: str
    link: str
    words: str


@router.get("/map")
def map_page(
    request: Request, albums: Opened, asking: Asking, q: str = "", within: str = ""
) -> Response:
    try:
        points = positions(request).of(q)
        area = Area.parse(within) if within else points.area()
        photos = _photos(asking, q, within) if len(points) else None
    except AlbumsError as error:
        return render(request, "map.html", error.status, q=q, sentence=str(error), total=0)
    view = View.of(area or _WORLD)
    return render(
        request,
        "map.html",
        q=q,
        within=within,
        total=len(points),
        area=str(area) if area else "",
        view=view,
        outline=outline(view),
        marks=_marks(albums, points, view, q),
        cities=_cities(view, 18),
        listing=photos,
        streets=sorted(path.name for path in _folder(albums).glob("*.pmtiles")),
    )


@router.get("/map/photos")
def map_photos(request: Request, asking: Asking, q: str = "", within: str = "") -> Response:
    """What lies in the part of the map that is shown: a fragment."""
    Area.parse(within)
    shown = _photos(asking, q, within)
    return render(request, "parts/map_photos.html", listing=shown, within=within)


@router.get("/map/around")
def map_around(request: Request, latitude: float, longitude: float) -> Response:
    """A small map around one place: a fragment."""
    here = Area.parse(f"{latitude:.6f},{longitude:.6f},{latitude:.6f},{longitude:.6f}")
    view = View.of(here, _SMALL, _AROUND_ONE)
    return render(
        request,
        "parts/map_small.html",
        view=view,
        outline=outline(view),
        here=view.at(latitude, longitude),
        cities=_cities(view, 7),
        link=f"/map#{latitude:.5f},{longitude:.5f},12",
    )


@router.get("/maps/{name}")
def map_tiles(request: Request, albums: Opened, name: str) -> Response:
    """A file of streets that the owner put there, by ranges."""
    path = _folder(albums) / name
    if path.suffix != ".pmtiles" or path.parent != _folder(albums) or not path.is_file():
        raise NotFound(
            f"There is no map {name!r}", hint="Put a .pmtiles file into the library's folder maps/"
        )
    known = path.stat()
    headers = {"cache-control": "private, no-cache"}
    etag = f"{known.st_size:x}-{known.st_mtime_ns:x}"
    return file_response(request, path, "application/vnd.pmtiles", etag, headers)


def _photos(asking: Asking, q: str, within: str) -> Listing:
    return listing(asking, _narrowed(q, within), None, _STRIP)


def _narrowed(q: str, within: str) -> str:
    """The query of what lies there. Without another question the hidden stay hidden."""
    place = f"within:{_as_value(within)}" if within else "has:gps"
    return f"{q or '-is:hidden'} {place}"


def _as_value(within: str) -> str:
    text = str(Area.parse(within))
    return f'"{text}"' if text.startswith("-") else text


def _marks(albums: Albums, points: Located, view: View, q: str) -> list[Mark]:
    found = clusters(albums.library, points, view.area(), view.zoom)
    return [_mark(cluster, view, q) for cluster in found]


def _mark(cluster: Cluster, view: View, q: str) -> Mark:
    x, y = view.at(cluster.latitude, cluster.longitude)
    radius = min(12 + 4 * math.log10(cluster.count), 30)
    if cluster.count == 1:
        link = f"/assets/{cluster.cover}?" + urlencode({"q": q})
        return Mark(x, y, 6, "", link, "1 photo")
    within = str(cluster.area)
    closer = View.of(cluster.area).width < view.width * 0.8
    link = "/map?" + urlencode({"q": q, "within": within})
    if not closer:
        link = "/search/?" + urlencode({"q": _narrowed(q, within)})
    return Mark(x, y, radius, _short(cluster.count), link, f"{cluster.count:,} photos")


def _short(count: int) -> str:
    """ "840", "1.2k", "31k"."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{round(count / 1000)}k"


def _cities(view: View, most: int) -> list[tuple[str, float, float]]:
    """Name and pixels of the largest cities that are not too near to each other."""
    area = view.area()
    shown: list[tuple[str, float, float]] = []
    beyond = 360 * area.crosses
    latitudes, longitudes = (area.south, area.north), (area.west, area.east + beyond)
    for name, latitude, longitude in gazetteer().largest(latitudes, longitudes, 4 * most):
        x, y = view.at(latitude, longitude)
        free = all(abs(x - left) > _NAME[0] or abs(y - top) > _NAME[1] for _, left, top in shown)
        if free and x < view.pixels[0] - _NAME[0] and len(shown) < most:
            shown.append((name, x, y))
    return shown


def _folder(albums: Albums) -> Path:
    return albums.settings.library / "maps"
