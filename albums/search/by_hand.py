"""The order that a person gave a collection: `collection:"Lisbon" sort:hand`."""

from __future__ import annotations

import sqlite3

from albums.errors import BadInput
from albums.search.filters.filter import Where
from albums.search.filters.what import THESE_COLLECTIONS, Collection
from albums.search.query import Query


def ids_by_hand(
    db: sqlite3.Connection, query: Query, condition: Where, limit: int = -1, offset: int = 0
) -> list[int]:
    """Ids of the assets of a condition, as they lie in the collection that the query names first;
    what lies under others in a stack places its top. What is not in it by hand comes after, newest
    first. Raises BadInput where the query names no collection."""
    name = _collection(query)
    rows = db.execute(
        f"""with put_there(asset, place) as (
                select asset_id, position from collection_assets
                where collection_id in ({THESE_COLLECTIONS})
                union all
                select top_id, position from collection_assets
                join assets lower on lower.id = asset_id
                where collection_id in ({THESE_COLLECTIONS}) and top_id is not null),
            by_hand as (select asset, min(place) as place from put_there group by asset)
            select assets.id from assets left join by_hand on asset = assets.id
            where {condition[0]}
            order by place is null, place, captured_utc is null, captured_utc desc, assets.id desc
            limit ? offset ?""",
        [*[name] * 4, *condition[1], limit, offset],
    )
    return [row["id"] for row in rows]


def _collection(query: Query) -> str:
    for condition in query.filters:
        if isinstance(condition, Collection) and not condition.negated:
            return condition.value
    raise BadInput(
        "Only what is in a collection has an order by hand",
        hint='Write collection:"its name" sort:hand',
    )
