"""Every search filter. To add one: a small class in the file of its subject, and its name here."""

from __future__ import annotations

from albums.search.filters.filter import Filter
from albums.search.filters.gear import Camera, Lens
from albums.search.filters.what import (
    Collection,
    Has,
    Is,
    Person,
    Rating,
    Source,
    Tag,
    Text,
    Type,
)
from albums.search.filters.when import After, Before, Date, Day, On, Since, Year
from albums.search.filters.where import City, Country, Near, Place, Region, Within
from albums.search.filters.work import Failed

FILTERS: tuple[type[Filter], ...] = (
    Year, On, Before, After, Since, Day, Date,
    Place, City, Region, Country, Near, Within,
    Camera, Lens,
    Type, Source, Tag, Collection, Person, Text, Rating, Is, Has, Failed,
)  # fmt: skip
BY_KEY: dict[str, type[Filter]] = {key: f for f in FILTERS for key in (f.key, *f.also)}
