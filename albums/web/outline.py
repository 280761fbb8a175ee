"""Countries as a path of an SVG: from Natural Earth's outlines, which scripts/front brings."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from albums.search.map import project
from albums.web.view import View

_LIB = Path(__file__).parent / "static" / "lib"
_COARSE, _FINE = "countries-110m.json", "countries-50m.json"
_FINE_BELOW = 0.15  # of the world's width
_BEYOND = 4  # views around the shown one; what is farther need not be right
Ring = NDArray[np.float64]  # (n, 2): x and y on the Mercator map of the world


@lru_cache(64)
def outline(view: View) -> str:
    """The `d` of a path; empty where the outlines were not brought."""
    rings = _rings(_FINE if view.width < _FINE_BELOW else _COARSE)
    drawn = (_drawn(ring + np.array((shift, 0)), view) for ring in rings for shift in (-1, 0, 1))
    return "".join(drawn)


def _drawn(ring: Ring, view: View) -> str:
    low, high = ring.min(0), ring.max(0)
    east, south = view.left + view.width, view.top + view.height
    if low[0] > east or high[0] < view.left or low[1] > south or high[1] < view.top:
        return ""
    size = np.array([view.width, view.height])
    corner = np.array([view.left, view.top])
    near = np.clip(ring, corner - _BEYOND * size, corner + (_BEYOND + 1) * size)
    pixels = np.rint((near - corner) * view.scale).astype(int)
    moves = np.diff(pixels, axis=0)
    moves = moves[moves.any(1)]
    if len(moves) < 2:
        return ""
    steps = " ".join(f"{x} {y}" for x, y in moves.tolist())
    return f"M{pixels[0, 0]} {pixels[0, 1]}l{steps}z"


@cache
def _rings(name: str) -> list[Ring]:
    try:
        topology = json.loads((_LIB / name).read_text())
    except FileNotFoundError:
        return []
    arcs = _arcs(topology)
    shapes = topology["objects"]["countries"]["geometries"]
    return [_ring(arcs, part) for shape in shapes for part in _parts(shape)]


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """TopoJSON keeps each line once, as whole numbers that say the step from the point before."""
    scale, offset = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        degrees = np.cumsum(np.array(arc), axis=0) * scale + offset
        found.append(np.stack(project(degrees[:, ::-1]), axis=1))
    return found


def _parts(shape: dict[str, Any]) -> list[list[int]]:
    """The rings of a country, each as the numbers of its lines; ~n is line n backwards."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
    return [ring for polygon in polygons for ring in polygon]


def _ring(arcs: list[Ring], numbers: list[int]) -> Ring:
    """What crosses the antimeridian goes on beyond the edge; what goes around the world (only
    Antarctica) is closed along the southern one."""
    ring = np.concatenate([arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers])
    ring[:, 0] = np.unwrap(ring[:, 0], period=1)
    ends = ring[[-1, 0]]
    if abs(ends[0, 0] - ends[1, 0]) < 0.5:
        return ring
    return np.concatenate([ring, np.stack([ends[:, 0], [1, 1]], axis=1)])
