"""How many pages a document has, and how many of them were read. Their text: texts.py."""

from __future__ import annotations

import sqlite3


def make_table(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists documents (
            asset_id integer primary key references assets on delete cascade,
            pages integer not null,
            read integer not null              -- the first so many: the rest has no words
        )""")


def keep_document(db: sqlite3.Connection, asset_id: int, pages: int, read: int) -> None:
    db.execute(
        "insert or replace into documents (asset_id, pages, read) values (?, ?, ?)",
        (asset_id, pages, read),
    )


def page_count(db: sqlite3.Connection, asset_id: int) -> int:
    """0 where it is no document, or has not been opened."""
    row = db.execute("select pages from documents where asset_id = ?", (asset_id,)).fetchone()
    return int(row["pages"]) if row else 0


def document_of(db: sqlite3.Connection, asset_id: int) -> dict[str, int] | None:
    """As the API shows it; None where it is no document, or has not been opened."""
    row = db.execute("select pages, read from documents where asset_id = ?", (asset_id,)).fetchone()
    return dict(row) if row else None


def pages_without_text(db: sqlite3.Connection, asset_id: int) -> list[int]:
    """Pages of a document that hold no text of their own: scans, which somebody has to look at."""
    written = {
        row["page"]
        for row in db.execute("select page from document_pages where asset_id = ?", (asset_id,))
    }
    return [n for n in range(1, page_count(db, asset_id) + 1) if n not in written]
