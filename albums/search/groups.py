"""The timeline: how many assets each month or day has, and one bucket of them, column by column.

Counts first, so that a page knows its height before any photo; a heavy day comes in pieces.
"""

from __future__ import annotations

from typing import Any, Literal

from albums.errors import BadInput
from albums.library.database import Library
from albums.search.conditions import where
from albums.search.dates import days_of
from albums.search.filters.filter import Where
from albums.search.query import Query
from albums.search.rows import IN_STACK, MOVES, as_base64, place_in_words

By = Literal["month", "day"]
UNDATED = "undated"
MAX_BUCKET = 10_000  # assets in one answer
_TITLE = 100  # characters
_SAID = f"""select case title when '' then substr(description, 1, {_TITLE}) else title end
    from captions where asset_id = assets.id order by author desc limit 1"""


def counts(library: Library, query: Query = Query(), by: By = "month") -> list[dict[str, Any]]:
    """`[{"key": "2024-05", "count": 31}, …]`, newest first; what has no date comes last."""
    condition, values = where(query)
    length = 7 if by == "month" else 10
    with library.read() as db:
        rows = db.execute(
            f"""select substr(day, 1, {length}) as key, sum(n) as count from (
                    select day, count(*) as n from assets where {condition} group by day)
                group by key order by key is null, key desc""",
            values,
        ).fetchall()
    return [{"key": row["key"] or UNDATED, "count": row["count"]} for row in rows]


def days(library: Library, query: Query = Query()) -> dict[str, Any]:
    """The counts of all days in few bytes: `{"total": 31, "undated": 2, "months": [{"key":
    "2024-05", "days": [31, 12], "counts": [20, 9]}]}`, newest first."""
    months: list[dict[str, Any]] = []
    total = undated = 0
    for row in counts(library, query, "day"):
        total += row["count"]
        if row["key"] == UNDATED:
            undated = row["count"]
            continue
        if not months or months[-1]["key"] != row["key"][:7]:
            months.append({"key": row["key"][:7], "days": [], "counts": []})
        months[-1]["days"].append(int(row["key"][8:]))
        months[-1]["counts"].append(row["count"])
    return {"total": total, "undated": undated, "months": months}


def bucket(
    library: Library, key: str, query: Query = Query(), *, offset: int = 0, limit: int = 5_000
) -> dict[str, Any]:
    """The assets of a month (2024-05), a day (2024-05-12), of all days from one to another
    (2024-05-12..2024-06-02) or `undated`, newest first: one array a column. `next` is the offset
    of what is left, or None. Raises BadInput.

    `aspect` is width / height, upright; `thumbhash` is base64; `local` is ISO 8601, as taken;
    `name` is only there where it is shown, `title` is what was said of it.
    """
    if not 1 <= limit <= MAX_BUCKET or offset < 0:
        raise BadInput(f"limit is 1 to {MAX_BUCKET} and offset is 0 or more")
    condition, values = _within(key, where(query))
    with library.read() as db:
        rows = db.execute(
            f"""with page as (
                    select id from assets where {condition}
                    order by day desc, captured_utc desc, id desc limit ? offset ?)
                select sha, coalesce(aspect, 1.0 * width / height), thumbhash,
                    captured_at, kind, duration, favourite, city, country, ({IN_STACK}),
                    {MOVES}, case when kind = 'document' or thumbhash is null then name end,
                    ({_SAID})
                from page join assets using (id)
                left join pictures on pictures.asset_id = id
                left join places on places.asset_id = id
                order by day desc, captured_utc desc, id desc""",
            [*values, limit + 1, offset],
        ).fetchall()
    shown = rows[:limit]
    return {
        "key": key,
        "offset": offset,
        "next": offset + limit if len(rows) > limit else None,
        "sha": [row[0] for row in shown],
        "aspect": [row[1] and round(row[1], 4) for row in shown],
        "thumbhash": [as_base64(row[2]) for row in shown],
        "local": [row[3] for row in shown],
        "kind": [row[4] for row in shown],
        "duration": [row[5] for row in shown],
        "favourite": [row[6] for row in shown],
        "place": [place_in_words(row[7], row[8]) for row in shown],
        "stack": [row[9] for row in shown],
        "moving": [row[10] for row in shown],
        "name": [row[11] for row in shown],
        "title": [row[12] for row in shown],
    }


def _within(key: str, visible: Where) -> Where:
    condition, values = visible
    if key == UNDATED:
        return f"{condition} and day is null", values
    first, _, last = key.partition("..")
    start, end = days_of(first).start, days_of(last or first).end
    assert start
    assert end
    return f"{condition} and day >= ? and day < ?", [*values, start.isoformat(), end.isoformat()]
