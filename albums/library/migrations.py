"""The irreplaceable tables, as named migrations that are never renamed.

Tables that a pipeline step can fill again are not here: the step makes them in `prepare()`.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("albums")


def unknown_migrations(db: Database) -> list[str]:
    """Names of applied migrations that this program does not have: the file is newer."""
    ours = {m.name for m in MIGRATIONS._migrations}
    return [m.name for m in MIGRATIONS.applied(db) if m.name not in ours]


def apply_migrations(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to date; a copy of an existing file is kept beside it first."""
    db = Database(connection)
    pending = [m.name for m in MIGRATIONS.pending(db)]
    if not pending:
        return
    if MIGRATIONS.applied(db):
        _back_up(connection, path)
    MIGRATIONS.apply(db)


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    with sqlite3.connect(path.with_name(f"{path.name}.{stamp}.backup")) as copy:
        connection.backup(copy)
    copy.close()


@MIGRATIONS()
def assets(db: Database) -> None:
    """One row an asset: what arrived, and what is believed of it (library/facts.py decides)."""
    db.execute("""
        create table assets (
            id integer primary key,
            sha text not null unique,          -- SHA-256 of the original, hex
            name text not null,                -- file name as it first arrived
            folder text not null,              -- folder it lay in, as far as the source says
            extension text not null,           -- of the original on disk, ".jpg"
            mime text not null,
            kind text not null,                -- photo, video, document, audio, other
            size integer not null,             -- bytes
            source text not null,              -- the way in: upload, folder, ...
            origin text not null,              -- which one: tailscale://<device>, folder:///...
            received_at text not null,         -- UTC
            captured_at text,                  -- local time, with its offset where known
            captured_utc integer,              -- seconds since 1970, for sorting
            day text,                          -- local date
            width integer,                     -- pixels, upright
            height integer,
            duration real,                     -- seconds
            make text,
            camera text,                       -- canonical name
            lens text,
            latitude real,
            longitude real,
            title text,                        -- what the person or the file says, not a model
            description text,
            rating integer,                    -- 0..5
            favourite integer not null default 0,
            hidden integer not null default 0, -- kept out of the timeline
            trashed_at text                    -- UTC
        )""")
    # Filters, the timeline's order and its counts are answered from these alone, without the rows.
    # SQLite only does so if the column of the condition is in the index too.
    db.execute("""
        create index assets_to_search on assets (
            captured_utc desc, id desc, trashed_at, hidden, day, kind, favourite, rating,
            latitude, longitude) where trashed_at is null""")
    db.execute("""
        create index assets_by_day on assets (
            day, captured_utc, id, trashed_at, hidden) where trashed_at is null""")
    for column in ("camera", "lens"):
        db.execute(f"""
            create index assets_by_{column} on assets (
                {column}, captured_utc, id, trashed_at) where trashed_at is null""")
    db.execute("""
        create index assets_in_trash on assets (trashed_at) where trashed_at is not null""")


@MIGRATIONS()
def arrivals(db: Database) -> None:
    """Each time an asset was handed over; `key` is the source's own name for it."""
    db.execute("""
        create table arrivals (
            id integer primary key,
            asset_id integer not null references assets on delete cascade,
            at text not null,
            source text not null,
            origin text not null,
            key text,
            name text not null,
            folder text not null,
            size integer not null,
            modified_ns integer
        )""")
    db.execute("""create unique index arrivals_by_key on arrivals (source, key)
                  where key is not null""")
    db.execute("create index arrivals_by_asset on arrivals (asset_id)")


@MIGRATIONS()
def claims(db: Database) -> None:
    """What somebody or something says of an asset. Claims are kept; facts are chosen from them."""
    db.execute("""
        create table claims (
            asset_id integer not null references assets on delete cascade,
            field text not null,               -- captured_at, location, camera, ...
            source text not null,              -- person, sidecar, exif, xmp, name, file, ...
            value text not null,               -- JSON
            confidence real not null,          -- 0..1
            detail text not null default '',   -- which tag, which rule
            primary key (asset_id, field, source)
        ) without rowid""")


@MIGRATIONS()
def captions(db: Database) -> None:
    """At most two an asset: the model's and the person's. The person's is the one shown."""
    db.execute("""
        create table captions (
            asset_id integer not null references assets on delete cascade,
            author text not null,              -- 'person' or 'model'
            title text not null,
            description text not null,
            model text not null default '',
            engine text not null default '',
            version text not null default '',
            written_at text not null,
            primary key (asset_id, author)
        ) without rowid""")


@MIGRATIONS()
def tags(db: Database) -> None:
    """Lowercase words for an asset, each with who said so."""
    db.execute("""
        create table tags (
            asset_id integer not null references assets on delete cascade,
            tag text not null,
            source text not null,              -- person, file, labels, caption
            score real not null default 1,     -- how sure, 0..1
            primary key (asset_id, tag, source)
        ) without rowid""")
    db.execute("create index tags_by_tag on tags (tag, asset_id)")


@MIGRATIONS()
def collections(db: Database) -> None:
    """What people call an album."""
    db.execute("""
        create table collections (
            id integer primary key,
            name text not null unique,
            description text not null default '',
            created_at text not null
        )""")
    db.execute("""
        create table collection_assets (
            collection_id integer not null references collections on delete cascade,
            asset_id integer not null references assets on delete cascade,
            position real not null,
            primary key (collection_id, asset_id)
        ) without rowid""")
    db.execute("create index collections_by_asset on collection_assets (asset_id)")


@MIGRATIONS()
def tombstones(db: Database) -> None:
    """The hash of what the owner deleted: it does not come back by itself."""
    db.execute("""
        create table tombstones (
            sha text primary key,
            name text not null,
            size integer not null,
            deleted_at text not null
        ) without rowid""")


@MIGRATIONS()
def audit(db: Database) -> None:
    """Who did what when; each entry carries the hash of the one before."""
    db.execute("""
        create table audit (
            id integer primary key,
            at text not null,
            actor text not null,               -- a device, an importer, a person
            action text not null,
            sha text,                          -- of the asset concerned
            detail text not null,              -- JSON
            previous text not null,
            hash text not null
        )""")
    db.execute("create index audit_by_sha on audit (sha) where sha is not null")


@MIGRATIONS()
def work(db: Database) -> None:
    """The ledger: which asset still needs which step at which version."""
    db.execute("""
        create table work (
            step text not null,
            asset_id integer not null references assets on delete cascade,
            version text not null,
            state text not null,               -- open, waiting, done, skipped, failed
            attempts integer not null default 0,
            due real not null default 0,       -- seconds since 1970; later after a failure
            error text not null default '',    -- why it was skipped or failed
            at text,                           -- when it was closed, UTC
            primary key (step, asset_id)
        ) without rowid""")
    db.execute("create index work_open on work (step, asset_id desc) where state = 'open'")
    db.execute("create index work_by_asset on work (asset_id)")
    db.execute("create index work_failed on work (step, asset_id) where state = 'failed'")


@MIGRATIONS()
def work_counts(db: Database) -> None:
    """How many rows of `work` are in which state, kept by triggers: progress is asked for often."""
    db.execute("""
        create table work_counts (
            step text not null,
            state text not null,
            assets integer not null,
            primary key (step, state)
        ) without rowid""")
    more = """insert into work_counts values (new.step, new.state, 1)
              on conflict do update set assets = assets + 1;"""
    less = """update work_counts set assets = assets - 1
              where step = old.step and state = old.state;"""
    db.execute(f"create trigger work_added after insert on work begin {more} end")
    db.execute(f"create trigger work_removed after delete on work begin {less} end")
    db.execute(f"""create trigger work_moved after update of state on work
                   when old.state != new.state begin {less} {more} end""")


@MIGRATIONS()
def notes(db: Database) -> None:
    """Small facts about the library itself, by name."""
    db.execute("create table notes (name text primary key, value text not null) without rowid")


@MIGRATIONS()
def refused_tags(db: Database) -> None:
    """Tags that the person took off an asset: no model puts them back."""
    db.execute("""
        create table refused_tags (
            asset_id integer not null references assets on delete cascade,
            tag text not null,
            primary key (asset_id, tag)
        ) without rowid""")


@MIGRATIONS()
def owner(db: Database) -> None:
    """Whose box this is: at most one row. `devices.json` holds the same."""
    db.execute("""
        create table owner (
            id integer primary key check (id = 1),
            user_id integer not null,          -- Tailscale's number; a login may change its owner
            login text not null,
            display_name text not null,
            claimed_at text not null           -- UTC
        )""")


@MIGRATIONS()
def devices(db: Database) -> None:
    """Each device that ever came in, and what it may do. `devices.json` holds the same."""
    db.execute("""
        create table devices (
            stable_id text primary key,        -- Tailscale's; a key changes, this does not
            name text not null,                -- unique; see `renamed`
            model text not null,
            os text not null,
            user_id integer not null,
            login text not null,
            first_seen text not null,          -- UTC
            last_seen text not null,           -- UTC, to the minute
            rights text not null check (rights in ('owner', 'upload', 'blocked')),
            renamed integer not null,          -- 1: the person gave the name
            tailnet_name text not null         -- what the tailnet calls it
        ) without rowid""")


@MIGRATIONS()
def deleted_files(db: Database) -> None:
    """Where a source holds what the owner deleted, by its own name: not to be read again."""
    db.execute("""
        create table deleted_files (
            source text not null,              -- folder, ...
            key text not null,                 -- as in arrivals
            sha text not null,                 -- of its bytes
            size integer not null,
            modified_ns integer,
            primary key (source, key)
        ) without rowid""")
    db.execute("create index deleted_files_by_sha on deleted_files (sha)")


@MIGRATIONS()
def other_hashes(db: Database) -> None:
    """SHA-1 and MD5 of originals: what clients ask by that do not know SHA-256."""
    for column in ("sha1", "md5"):
        db.execute(f"alter table assets add column {column} text")  # hex; null until read again
        db.execute(f"""create index assets_by_{column} on assets ({column})
                       where {column} is not null""")


@MIGRATIONS()
def whole_tombstones(db: Database) -> None:
    """Who deleted it, when its bytes went, and its other hashes. `deleted_at` is when the person
    threw it away."""
    for column in ("deleted_by", "purged_at"):
        db.execute(f"alter table tombstones add column {column} text not null default ''")
    db.execute("update tombstones set purged_at = deleted_at")
    for column in ("sha1", "md5"):
        db.execute(f"alter table tombstones add column {column} text")
        db.execute(f"""create index tombstones_by_{column} on tombstones ({column})
                       where {column} is not null""")


@MIGRATIONS()
def receipts(db: Database) -> None:
    """What was proven to lie whole on the disk. `receipts.jsonl` holds the same."""
    db.execute("""
        create table receipts (
            number integer primary key,        -- in which order they were given
            id text not null unique,           -- hex; a phone keeps it
            sha text not null,
            size integer not null,             -- bytes
            name text not null,                -- of the file as it was sent
            origin text not null,              -- whom it was given
            kept_at text not null,             -- UTC, when the asset was acknowledged
            reread_at text not null            -- UTC
        )""")
    db.execute("create index receipts_by_origin on receipts (origin, number)")
    db.execute("create index receipts_by_sha on receipts (sha)")


@MIGRATIONS()
def checks(db: Database) -> None:
    """When each original was last read against its hash, and what is wrong (library/checks.py)."""
    db.execute("""
        create table checks (
            asset_id integer primary key references assets on delete cascade,
            round integer not null,            -- of reading the whole library, counted from 1
            checked_at text not null,          -- UTC
            finding text not null              -- what was wrong with the original; '' is good
        )""")
    db.execute("create index checks_by_age on checks (round, checked_at, asset_id)")
    db.execute("""
        create table findings (
            kind text not null,                -- missing, changed, ...: see checks.KINDS
            path text not null,                -- below the library's folder
            sha text,                          -- of the asset concerned, as its name says
            detail text not null,
            found_at text not null,            -- first, UTC
            found_in text not null,            -- the folder whose listing showed it; '' by reading
            primary key (kind, path)
        ) without rowid""")
    db.execute("create index findings_by_sha on findings (sha) where sha is not null")
    db.execute("create index findings_by_folder on findings (found_in)")


@MIGRATIONS()
def every_arrival(db: Database) -> None:
    """A key may come again with other bytes: what came before stays written, as in the sidecars."""
    db.execute("drop index arrivals_by_key")
    db.execute("create index arrivals_by_key on arrivals (source, key) where key is not null")


@MIGRATIONS()
def restored_work(db: Database) -> None:
    """1: the result came back from a sidecar. What it builds on is made again, which is no news."""
    db.execute("alter table work add column restored integer not null default 0")


@MIGRATIONS()
def uploads(db: Database) -> None:
    """Files that come in pieces. What is done stays a while, for a client that lost the answer."""
    db.execute("""
        create table uploads (
            id text primary key,
            owner text not null,               -- the device that began it
            origin text not null,              -- as the audit log calls that device
            length integer not null,           -- bytes
            offset integer not null,           -- bytes that are on the disk for certain
            metadata text not null,            -- JSON, what the client said of the file
            again integer not null,            -- 1: take in even what was deleted before
            created_at real not null,          -- seconds since 1970
            expires_at real not null,
            state text not null check (state in ('open', 'done', 'wrong')),
            sha text,                          -- SHA-256, hex, once it is whole
            status text                        -- ingested, duplicate, deleted
        ) without rowid""")
    db.execute("create index uploads_unfinished on uploads (owner) where state != 'done'")


@MIGRATIONS()
def purging(db: Database) -> None:
    """What was just deleted for good and whose files may still lie there: finished at a start."""
    db.execute("""
        create table purging (
            sha text primary key,
            extension text not null
        ) without rowid""")


@MIGRATIONS()
def dav_files(db: Database) -> None:
    """What each device finds in its WebDAV inbox (library/dav_files.py)."""
    db.execute("""
        create table dav_files (
            owner text not null,               -- the device
            path text not null,                -- NFC, '' is the inbox itself
            parent text not null,
            origin text not null,              -- as the audit log calls that device
            is_folder integer not null,
            size integer not null,             -- bytes
            sha text not null,                 -- SHA-256, hex
            bytes text,                        -- their name in dav/; null: the library has them
            created_ns integer not null,
            modified_ns integer not null,
            changed_at real not null,          -- seconds since 1970
            properties text not null,          -- JSON, what clients wrote of it
            primary key (owner, path)
        ) without rowid""")
    db.execute("create index dav_files_by_parent on dav_files (owner, parent)")
    db.execute("""create index dav_files_waiting on dav_files (changed_at)
                  where bytes is not null""")
    db.execute("create index dav_files_by_bytes on dav_files (bytes) where bytes is not null")


@MIGRATIONS()
def owed_sidecars(db: Database) -> None:
    """Assets of which the person said something that their sidecar does not hold yet."""
    db.execute("""
        create table owed_sidecars (
            asset_id integer primary key references assets on delete cascade
        )""")


@MIGRATIONS()
def receipts_by_device(db: Database) -> None:
    """Whose a receipt is says the device's stable id: its name may be another's tomorrow."""
    db.execute("alter table receipts add column device text not null default ''")


@MIGRATIONS()
def imports(db: Database) -> None:
    """What was brought from elsewhere, entry by entry. `imports.jsonl` holds the same."""
    db.execute("""
        create table imports (
            id integer primary key,
            source text not null,              -- takeout, folder, ...
            name text not null,                -- of the export
            began_at text not null,            -- UTC
            unique (source, name)
        )""")
    db.execute("""
        create table import_parts (
            id integer primary key,
            import_id integer not null references imports,
            key text not null,                 -- what it is told by, however it is called
            name text not null,
            number integer,                    -- as its name says
            kind text not null,                -- zip, tgz, tar, folder
            size integer not null,             -- bytes
            sha text,                          -- SHA-256 of an archive
            whole integer not null,
            problem text not null,
            superseded integer not null,       -- 1: the same part came again, whole
            unique (import_id, key)
        )""")
    db.execute("""
        create table import_entries (
            id integer primary key,
            part_id integer not null references import_parts,
            position integer not null,
            path text not null,
            size integer not null,             -- bytes
            sha text,                          -- SHA-256
            kind text not null,
            status text not null,              -- see library/imports.py
            why text not null,
            captured text,                     -- ISO 8601, by the file itself
            content_id text,                   -- Apple's
            modified_ns integer,               -- as the archive says
            paper blob,                        -- verbatim
            unique (part_id, position)
        )""")
    db.execute("""create index import_entries_by_sha on import_entries (sha)
                  where sha is not null""")
    db.execute("""
        create table import_albums (
            id integer primary key,
            import_id integer not null references imports,
            key text not null,                 -- as the export knows it
            collection text not null,          -- its name when it was made
            unique (import_id, key)
        )""")
    db.execute("""
        create table import_log (
            id integer primary key,
            line text not null                 -- to be appended to the file
        )""")


@MIGRATIONS()
def claims_of_variants(db: Database) -> None:
    """The edited copies of an original are found without a look at every claim."""
    db.execute("""create index claims_of_variants on claims (value)
                  where field = 'variant_of'""")


@MIGRATIONS()
def preferences(db: Database) -> None:
    """What the person likes, where it is not as at the beginning. `preferences.json` holds it."""
    db.execute("""
        create table preferences (
            name text primary key,
            value text not null                -- JSON
        ) without rowid""")


@MIGRATIONS()
def stacks(db: Database) -> None:
    """Of assets that are shown as one, all but the top lie under it (library/stacks.py). What the
    person says of stacks is among the claims."""
    db.execute("""alter table assets add column top_id integer
                  references assets on delete set null""")  # null: it is shown itself
    db.execute("create index assets_under on assets (top_id) where top_id is not null")
    # For many at once: the rows themselves are fat.
    db.execute("create index assets_tops on assets (id, top_id) where top_id is not null")
    db.execute("create index claims_of_stacks on claims (value) where field = 'stack'")
    for name in ("to_search", "by_day", "by_camera", "by_lens"):
        db.execute(f"drop index assets_{name}")
    db.execute("""
        create index assets_to_search on assets (
            captured_utc desc, id desc, trashed_at, hidden, top_id, day, kind, favourite, rating,
            latitude, longitude) where trashed_at is null""")
    db.execute("""
        create index assets_by_day on assets (
            day, captured_utc, id, trashed_at, hidden, top_id) where trashed_at is null""")
    for column in ("camera", "lens"):
        db.execute(f"""
            create index assets_by_{column} on assets (
                {column}, captured_utc, id, trashed_at, top_id) where trashed_at is null""")


@MIGRATIONS()
def corrections(db: Database) -> None:
    """What belongs to one correction of times is found without a look at everything."""
    db.execute("""create index claims_of_corrections on claims (value)
                  where field = 'corrections'""")
    db.execute("""create index audit_of_corrections on audit (id)
                  where action in ('corrected-times', 'undid-correction')""")


@MIGRATIONS()
def acts(db: Database) -> None:
    """What the person did to many assets at once, to undo it by (library/acts.py). Only here: a
    rebuild forgets it."""
    db.execute("""
        create table acts (
            id text not null unique,
            at text not null,                  -- UTC
            actor text not null,
            kind text not null,                -- tags, place, trash, ...
            words text not null,               -- "tagged beach", for a person
            assets integer not null,           -- that it changed
            made text not null,                -- JSON, ids of collections that it made
            undone_at text,                    -- UTC
            left integer not null default 0    -- changed again since, so not undone
        )""")
    db.execute("""
        create table act_assets (
            act_id text not null references acts (id) on delete cascade,
            asset_id integer not null references assets on delete cascade,
            changes text not null,             -- JSON: of what, which, before, after
            primary key (act_id, asset_id)
        ) without rowid""")
    db.execute("create index act_assets_by_asset on act_assets (asset_id)")


@MIGRATIONS()
def collections_by_hand_and_by_query(db: Database) -> None:
    """How a collection is shown, what fills it by itself, and what it was called before.
    `collections.json` holds the same."""
    db.execute("alter table collections add column query text")  # null: filled by hand
    db.execute("""alter table collections add column cover_id integer
                  references assets on delete set null""")  # null: its first
    db.execute("""alter table collections add column sort text not null
                  default 'newest'""")  # or oldest, or hand
    db.execute("""
        create table collection_names (
            name text primary key,             -- that it had; sources go on saying it
            collection_id integer not null references collections on delete cascade
        ) without rowid""")


@MIGRATIONS()
def rules(db: Database) -> None:
    """The person's cleanup rules, in order. `rules.json` holds the same. What they claim of assets
    and what they threw away is found without a look at everything."""
    db.execute("""
        create table rules (
            id text primary key,
            position integer not null,
            name text not null,                -- '' where the sentence says enough
            query text not null,               -- of which assets, as in search
            action text not null,              -- delete, distrust-date, ...
            details text not null,             -- JSON, of the action
            enabled integer not null,
            created_at text not null           -- UTC
        ) without rowid""")
    db.execute("create index claims_of_rules on claims (asset_id, field) where source = 'rule'")
    db.execute("create index audit_of_rules on audit (actor, sha) where action = 'trashed'")


@MIGRATIONS()
def captions_by_time(db: Database) -> None:
    """What was written last is found without a look at every caption."""
    db.execute("create index captions_by_time on captions (written_at) where author = 'model'")


@MIGRATIONS()
def claims_of_people(db: Database) -> None:
    """Who is named anywhere is found without a look at every claim."""
    db.execute("create index claims_of_people on claims (value) where field = 'people'")
