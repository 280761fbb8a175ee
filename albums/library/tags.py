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
    """What `source` (person, file, labels, caption) says now; pairs of tag and sureness 0..1.

    What the person refused for this asset is left out.
    """
    db.execute("delete from tags where asset_id = ? and source = ?", (asset_id, source))
    refused = set(refused_tags(db, asset_id))
    said = [(normal_tag(tag), score) for tag, score in tags]
    db.executemany(
        "insert or ignore into tags (asset_id, tag, source, score) values (?, ?, ?, ?)",
        [(asset_id, tag, source, score) for tag, score in said if tag and tag not in refused],
    )


def add_tags(db: sqlite3.Connection, asset_id: int, tags: Iterable[str]) -> None:
    """The person says these; one that was refused before is welcome again."""
    pairs = [(asset_id, normal_tag(tag)) for tag in tags if normal_tag(tag)]
    db.executemany("delete from refused_tags where asset_id = ? and tag = ?", pairs)
    db.executemany(
        "insert or ignore into tags (asset_id, tag, source, score) values (?, ?, 'person', 1)",
        pairs,
    )


def refuse_tags(db: sqlite3.Connection, asset_id: int, tags: Iterable[str]) -> None:
    """The person takes these off, whoever said them, and they stay off."""
    pairs = [(asset_id, normal_tag(tag)) for tag in tags if normal_tag(tag)]
    db.executemany("delete from tags where asset_id = ? and tag = ?", pairs)
    db.executemany("insert or ignore into refused_tags (asset_id, tag) values (?, ?)", pairs)


def refused_tags(db: sqlite3.Connection, asset_id: int) -> list[str]:
    rows = db.execute("select tag from refused_tags where asset_id = ? order by tag", (asset_id,))
    return [row["tag"] for row in rows]


def tags_of(db: sqlite3.Connection, asset_id: int) -> list[dict[str, object]]:
    """Tags of an asset, surest first, each once."""
    rows = db.execute(
        """select tag, max(score) as score, group_concat(distinct source) as sources from tags
           where asset_id = ? group by tag order by score desc, tag""",
        (asset_id,),
    )
    return [dict(row) for row in rows]
