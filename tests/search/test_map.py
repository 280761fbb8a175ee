"""Positions of a query, and how a map groups them."""

from __future__ import annotations

from albums.search.area import Area
from albums.search.map import Cluster, Located, clusters, ids_of, located
from albums.search.query import parse
from tests.search.conftest import NOW, Shelves

WORLD = Area(-90, -180, 90, 180)


def positions(shelves: Shelves, query: str = "") -> Located:
    with shelves.library.read() as db:
        return located(db).only(ids_of(db, parse(query, NOW)))


def shown(shelves: Shelves, area: Area = WORLD, zoom: float = 2, query: str = "") -> list[Cluster]:
    return clusters(shelves.library, positions(shelves, query), area, zoom)


def holds(area: Area, latitude: float, longitude: float) -> bool:
    across = (longitude - area.west) % 360 <= area.width
    return area.south <= latitude <= area.north and across


def test_near_photos_are_one_cluster_until_the_map_is_close_enough(shelves: Shelves) -> None:
    for step in range(20):
        shelves.add(latitude=38.7 + step / 1000, longitude=-9.1)
    [far] = shown(shelves)
    assert far.count == 20
    assert holds(far.area, 38.7, -9.1)
    assert holds(far.area, 38.719, -9.1)
    near = shown(shelves, far.area, 15)
    assert len(near) > 1
    assert sum(cluster.count for cluster in near) == 20


def test_a_photo_alone_is_where_it_was_taken_and_is_its_own_cover(shelves: Shelves) -> None:
    shelves.add(latitude=-33.8688, longitude=151.2093, sha="f" * 64)
    [alone] = shown(shelves)
    assert (alone.count, alone.cover) == (1, "f" * 64)
    assert (alone.latitude, alone.longitude) == (-33.8688, 151.2093)


def test_the_cover_is_the_newest(shelves: Shelves) -> None:
    shelves.add(at="2020-01-01T00:00:00+00:00", latitude=1.0, longitude=1.0)
    shelves.add(at="2024-01-01T00:00:00+00:00", latitude=1.0, longitude=1.0, sha="a" * 64)
    shelves.add(at="2022-01-01T00:00:00+00:00", latitude=1.0, longitude=1.0)
    assert [cluster.cover for cluster in shown(shelves)] == ["a" * 64]


def test_both_sides_of_the_antimeridian_are_neighbours(shelves: Shelves) -> None:
    for longitude in (179.99, -179.99):
        shelves.add(latitude=-17.0, longitude=longitude)
    [both] = shown(shelves, Area(-20, 175, -15, -175), 6)
    assert both.count == 2
    assert abs(both.longitude) > 179.9
    assert both.area.crosses
    assert round(both.area.width, 3) == 0.02


def test_what_lies_beside_the_shown_part_is_not_counted(shelves: Shelves) -> None:
    for latitude in (10.0, 20.0, 30.0):
        shelves.add(latitude=latitude, longitude=10.0)
    assert sum(c.count for c in shown(shelves, Area(5, 5, 25, 15), 4)) == 2
    assert shown(shelves, Area(5, 100, 25, 110), 4) == []


def test_however_close_it_is_asked_for_the_world_has_few_clusters(shelves: Shelves) -> None:
    rows = [(n, f"{n:064x}", n % 167 - 83, n * 7 % 359 - 179) for n in range(1, 6001)]
    with shelves.library.write(durable=False) as db:
        db.executemany(
            """insert into assets (id, sha, name, folder, extension, mime, kind, size, source,
               origin, received_at, latitude, longitude)
               values (?, ?, '', '', '', '', 'photo', 1, '', '', '', ?, ?)""",
            rows,
        )
    found = shown(shelves, zoom=20)
    assert sum(cluster.count for cluster in found) == 6000
    assert len(found) < 2500  # of 6,000 places


def test_a_map_shows_what_its_query_finds_and_nothing_hidden_or_thrown_away(
    shelves: Shelves,
) -> None:
    shelves.add(latitude=1.0, longitude=1.0, camera="Leica Q2")
    shelves.add(latitude=2.0, longitude=2.0)
    shelves.add(latitude=3.0, longitude=3.0, hidden=1)
    shelves.add(latitude=4.0, longitude=4.0, trashed_at="2026-01-01T00:00:00+00:00")
    assert len(positions(shelves)) == 2
    assert len(positions(shelves, "camera:leica")) == 1


def test_the_smallest_part_of_the_map_that_holds_all_may_cross_the_antimeridian(
    shelves: Shelves,
) -> None:
    assert positions(shelves).area() is None
    shelves.add(latitude=-18.0, longitude=178.0)
    shelves.add(latitude=-13.0, longitude=-172.0)
    assert positions(shelves).area() == Area(-18, 178, -13, -172)
