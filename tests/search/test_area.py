"""Parts of the map, and the filter that finds what lies in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.errors import BadInput
from albums.search.area import Area
from tests.search.conftest import Shelves

NOWHERE = ("", "1,2,3", "a,b,c,d", "10,0,5,1", "91,0,92,1", "0,181,1,182", "1e9,0,1,1")


@pytest.mark.parametrize("text", NOWHERE)
def test_what_is_no_part_of_the_map_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(BadInput, match="not"):
        Area.parse(text)


@given(st.floats(-90, 90), st.floats(-90, 90), st.floats(-180, 180), st.floats(-180, 180))
def test_rounding_loses_nothing_and_survives_being_written(
    one: float, other: float, west: float, east: float
) -> None:
    area = Area(min(one, other), west, max(one, other), east)
    rounded = area.rounded()
    assert rounded.south <= area.south
    assert rounded.north >= area.north
    assert rounded.west <= west
    assert rounded.east >= east
    assert Area.parse(str(rounded)) == rounded


def test_within_finds_what_lies_there_also_over_the_antimeridian(shelves: Shelves) -> None:
    lisbon = shelves.add(latitude=38.7, longitude=-9.1)
    suva = shelves.add(latitude=-18.1, longitude=178.4)
    apia = shelves.add(latitude=-13.8, longitude=-172.1)
    shelves.add()
    assert shelves.ids("within:38,-10,39,-9") == [lisbon]
    assert set(shelves.ids('within:"-20,170,-10,-170"')) == {suva, apia}
    assert lisbon in shelves.ids('-within:"-20,170,-10,-170"')


def test_two_parts_of_the_map_are_where_they_overlap(shelves: Shelves) -> None:
    lisbon = shelves.add(latitude=38.7, longitude=-9.1)
    shelves.add(latitude=41.1, longitude=-8.6)
    assert shelves.ids("within:38,-10,42,-8 within:38,-10,39,-8") == [lisbon]
