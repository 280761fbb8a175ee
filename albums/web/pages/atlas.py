"""Places as a tree: continents, their countries, regions and cities, each with its photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from albums.library.browse import Counted, InYear, together
from albums.library.continents import continent_of
from albums.search.filters.filter import Filter
from albums.search.filters.where import City, Country, Region
from albums.web.pages.cards import By, Card, address, in_order


@dataclass(frozen=True)
class At:
    """A country, a region of it, or a city: '' is not said."""

    country: str
    region: str = ""
    city: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """From the large to the small."""
        return tuple(filter(None, (self.country, self.region, self.city)))

    @property
    def href(self) -> str:
        return address("cities", *self.names)

    @property
    def exactly(self) -> Filter:
        """Finds what was taken there."""
        said = ", ".join(reversed(self.names))
        kind = City if self.city else Region if self.region else Country
        return kind(said).exactly()

    def holds(self, one: InYear) -> bool:
        if self.city:
            return self == _at(one)
        return self.country == one.country and self.region in ("", one.region)


@dataclass(frozen=True)
class Inside:
    """The cities of one region of a country; None: what lies in no region."""

    region: Card | None
    cities: list[Card]


@dataclass(frozen=True)
class Land:
    """A country, and what is in it."""

    card: Card
    regions: list[Inside]
    unfolded: bool = False

    @property
    def cities(self) -> int:
        return sum(len(inside.cities) for inside in self.regions)


@dataclass(frozen=True)
class Continent:
    name: str
    about: Counted
    countries: list[Land]


def found_at(path: str, known: Iterable[InYear]) -> At | None:
    """What an address means: country, country/region or country/region/city; country/city where
    the country has no region of that name."""
    places: dict[str, At] = {}
    cities: dict[str, At] = {}
    for one in known:
        for at in (At(one.country), At(one.country, one.region), _at(one)):
            places.setdefault("/".join(at.names), at)
        cities.setdefault(f"{one.country}/{one.city}", _at(one))
    return places.get(path) or cities.get(path)


def city_cards(known: Iterable[InYear]) -> list[Card]:
    """Each city, told from its namesakes."""
    found = together(known, lambda one: _at(one) if one.city else None)
    return [Card(at.city, at.href, about, at.country) for at, about in found.items() if at]


def land(country: str, known: Iterable[InYear], by: By) -> Land:
    """`known` are all of this country."""
    here = list(known)
    regions = _divided(here, lambda one: one.region)
    cards = {
        name: Card(name, At(country, name).href, _all(inside)) for name, inside in regions.items()
    }
    named = in_order((card for name, card in cards.items() if name), by)
    inside = [Inside(card, in_order(city_cards(regions[card.name]), by)) for card in named]
    if "" in regions and (cities := in_order(city_cards(regions[""]), by)):
        inside.append(Inside(None, cities))
    return Land(Card(country, At(country).href, _all(here)), inside)


def continents(known: Iterable[InYear], by: By, unfolded: int) -> list[Continent]:
    """Those of most photos first; the first countries are unfolded, up to so many cities."""
    found = []
    for name, there in _divided(known, lambda one: continent_of(one.country_code)).items():
        lands = [land(c, rows, by) for c, rows in _divided(there, lambda one: one.country).items()]
        of_card = {one.card: one for one in lands}
        countries = [of_card[card] for card in in_order(of_card, by)]
        found.append(Continent(name, _all(there), countries))
    found.sort(key=lambda continent: -continent.about.assets)
    return [replace(one, countries=_unfolded(one.countries, unfolded)) for one in found]


def _unfolded(lands: list[Land], cities: int) -> list[Land]:
    shown = []
    for one in lands:
        cities -= one.cities
        shown.append(replace(one, unfolded=cities >= 0))
    return shown


def _at(one: InYear) -> At:
    return At(one.country, one.region, one.city)


def _all(there: Iterable[InYear]) -> Counted:
    return together(there, lambda one: "all")["all"]


def _divided(known: Iterable[InYear], key: Callable[[InYear], str]) -> dict[str, list[InYear]]:
    found: dict[str, list[InYear]] = defaultdict(list)
    for one in known:
        found[key(one)].append(one)
    return found
