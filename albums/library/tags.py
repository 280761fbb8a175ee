"""Tags: lowercase words for an asset, each with who said so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def normal_tag(text: str) -> str:
    """One spelling a tag: lowercase, single spaces."""
    return " ".join(text.lower().split())


def replace_tags(
    db: sqlite3.Connection, asset_id: int, source: str, tags: Iterable[tuple[str, float]]
) -> None:
    """What `source` (person, file, labels, caption) says now; pairs of tag and sureness 0..1."""
    db.execute("delete from tags where asset_id = ? and source = ?", (asset_id, source))
    db.executemany(
        "insert or ignore into tags (asset_id, tag, source, score) values (?, ?, ?, ?)",
        [(asset_id, normal_tag(t), source, score) for t, score in tags if normal_tag(t)],
    )


def tags_of(db: sqlite3.Connection, asset_id: int) -> list[dict[str, object]]:
    """Tags of an asset, surest first, each once."""
    rows = db.execute(
        """select tag, max(score) as score, group_concat(distinct source) as sources from tags
           where asset_id = ? group by tag order by score desc, tag""",
        (asset_id,),
    )
    return [dict(row) for row in rows]
