"""What may be done in the inbox, besides reading and writing files: each verb a function.

What is deleted or overwritten here only leaves the list: the library keeps what it took.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from xml.etree.ElementTree import Element

from starlette.responses import Response

from albums.library.dav_files import (
    Entry,
    copied,
    entries_below,
    put_entry,
    remove_entries,
)
from albums.sources.webdav import is_final
from albums.web.dav.asked import Asked
from albums.web.dav.items import PROTECTED, item_of, nanoseconds
from albums.web.dav.locks import LONGEST, Lock
from albums.web.dav.markup import dav, lock_response, multistatus, parse_xml, stored
from albums.web.dav.places import DavRefusal

_MODIFIED = (dav("getlastmodified"), "{urn:schemas-microsoft-com:}Win32LastModifiedTime")
_MOST_COPIED = 10_000
_MOST_PROPERTIES = 64 * 1024  # characters of one file's


def mkcol(asked: Asked, body: bytes) -> Response:
    if body:
        raise DavRefusal(415, "A new folder has no body")
    found = asked.find()
    if found:
        raise DavRefusal(405, f"{asked.path} is there already")
    asked.refuse_orphan(asked.path)
    asked.check(None)
    asked.unlock(asked.locks.protecting(asked.owner, asked.path, names=True))
    with asked.inbox.library.write() as db:
        put_entry(db, new_entry(asked, is_folder=True))
    return Response(status_code=201)


def delete(asked: Asked, body: bytes) -> Response:
    entry = asked.there()
    if not asked.path:
        raise DavRefusal(403, "The inbox itself stays")
    asked.check(entry)
    asked.unlock(asked.locks.protecting(asked.owner, asked.path, names=True, tree=True))
    with asked.inbox.library.write() as db:
        gone = entries_below(db, asked.owner, asked.path)
        remove_entries(db, asked.owner, asked.path)
    asked.locks.remove_below(asked.owner, asked.path)
    asked.inbox.forget([one.bytes for one in gone])
    return Response(status_code=204)


def copy(asked: Asked, body: bytes) -> Response:
    entry = asked.there()
    target, found = asked.target()
    deep = asked.depth("infinity") == "infinity"
    if deep and entry.is_folder and target.startswith(f"{asked.path}/"):
        raise DavRefusal(403, "A folder cannot be copied into itself")
    asked.check(entry)
    asked.unlock(asked.locks.protecting(asked.owner, target, names=True, tree=True))
    _transfer(asked, target, deep=deep, keeping=True)
    return Response(status_code=204 if found else 201)


def move(asked: Asked, body: bytes) -> Response:
    """The new name may be the final one: then the library takes the file."""
    entry = asked.there()
    target, found = asked.target()
    if entry.is_folder and asked.depth("infinity") != "infinity":
        raise DavRefusal(400, "A folder is moved with all that it holds")
    if target.startswith(f"{asked.path}/") or asked.path.startswith(f"{target}/"):
        raise DavRefusal(403, "A folder cannot be moved into itself")
    asked.check(entry)
    for path in (asked.path, target):
        asked.unlock(asked.locks.protecting(asked.owner, path, names=True, tree=True))
    _transfer(asked, target, deep=True, keeping=False)
    asked.locks.remove_below(asked.owner, asked.path)
    return Response(status_code=204 if found else 201)


def _transfer(asked: Asked, target: str, *, deep: bool, keeping: bool) -> None:
    now = time.time()
    with asked.inbox.library.write() as db:
        tree = entries_below(db, asked.owner, asked.path)[: None if deep else 1]
        if not tree:
            raise DavRefusal(404, f"{asked.path} is gone")
        if keeping and len(tree) > _MOST_COPIED:  # copies of copies double each time
            raise DavRefusal(507, f"{asked.path} holds more than {_MOST_COPIED} files and folders")
        replaced = entries_below(db, asked.owner, target)
        remove_entries(db, asked.owner, target)
        if not keeping:
            remove_entries(db, asked.owner, asked.path)
        there = [copied(entry, asked.path, target, now) for entry in tree]
        for entry in there:
            put_entry(db, entry)
    asked.inbox.forget([entry.bytes for entry in replaced])
    take(asked, there)


def take(asked: Asked, entries: list[Entry]) -> None:
    """Into the library with what has its final name and is not being worked on."""
    asked.inbox.take_or_wait(
        [e for e in entries if is_final(e.path) and not asked.locks.on(asked.owner, e.path)]
    )


def lock(asked: Asked, body: bytes) -> Response:
    seconds = _timeout(asked.headers.get("timeout", ""))
    info = parse_xml(body, "lockinfo")
    entry = asked.find()
    asked.check(entry)
    if info is None:
        return lock_response(asked.locks.refresh(_held(asked).token, seconds), 200)
    exclusive = info.find(f"{dav('lockscope')}/{dav('exclusive')}") is not None
    if entry is None:
        asked.refuse_orphan(asked.path)
        asked.unlock(asked.locks.protecting(asked.owner, asked.path, names=True))
    made = asked.locks.add(
        asked.owner,
        asked.path,
        infinite=asked.depth("infinity") == "infinity",
        exclusive=exclusive,
        note=info.find(dav("owner")),
        seconds=seconds,
    )
    if entry is None:
        _reserve(asked)
    answer = lock_response(made, 200 if entry else 201)
    answer.headers["lock-token"] = f"<{made.token}>"
    return answer


def unlock(asked: Asked, body: bytes) -> Response:
    token = asked.headers.get("lock-token", "").strip().strip("<>")
    if not token:
        raise DavRefusal(400, "Lock-Token is missing")
    standing = asked.locks.on(asked.owner, asked.path)
    if not any(one.token == token for one in standing):
        raise DavRefusal(409, "There is no such lock", condition="lock-token-matches-request-uri")
    asked.locks.remove(token)
    with asked.inbox.library.read() as db:
        left = entries_below(db, asked.owner, asked.path)
    take(asked, left)
    return Response(status_code=204)


def proppatch(asked: Asked, body: bytes) -> Response:
    update = parse_xml(body, "propertyupdate")
    if update is None:
        raise DavRefusal(400, "The body is missing")
    entry = asked.there()
    asked.check(entry)
    asked.unlock(asked.locks.protecting(asked.owner, asked.path))
    changed, fixed = _patched(entry, update)
    named = [Element(one.tag) for action in update for prop in action for one in prop]
    item = item_of(entry)
    if fixed:
        other = [one for one in named if one.tag not in fixed]
        refused = [one for one in named if one.tag in fixed]
        found = {403: refused} | ({424: other} if other else {})
        return multistatus([(item.href, found)])
    with asked.inbox.library.write() as db:
        if not asked.path:
            changed = replace(changed, created_ns=time.time_ns())
        put_entry(db, changed)
    return multistatus([(item.href, {200: named})])


def _patched(entry: Entry, update: Element) -> tuple[Entry, set[str]]:
    """The entry as it is to be, and which of its properties cannot be changed."""
    kept, modified, fixed = dict(entry.properties), entry.modified_ns, set()
    for action in update:
        for one in (one for prop in action.findall(dav("prop")) for one in prop):
            moment = nanoseconds(one.text or "") if one.tag in _MODIFIED else None
            if one.tag in PROTECTED:
                fixed.add(one.tag)
            elif action.tag == dav("remove"):
                kept.pop(one.tag, None)
            elif one.tag == _MODIFIED[0]:
                fixed |= set() if moment is not None else {one.tag}
                modified = moment if moment is not None else modified
            else:
                modified = moment if moment is not None else modified
                kept[one.tag] = stored(one)
    if sum(map(len, kept.values())) > _MOST_PROPERTIES:
        raise DavRefusal(507, f"{entry.path} has too many properties")
    return replace(entry, properties=kept, modified_ns=modified), fixed


def new_entry(asked: Asked, *, is_folder: bool) -> Entry:
    now = time.time_ns()
    origin = asked.caller.origin
    return Entry(asked.owner, origin, asked.path, is_folder, 0, "", None, now, now, now / 1e9, {})


def _reserve(asked: Asked) -> None:
    """A name that is locked before there is anything behind it becomes an empty file."""
    writing = asked.inbox.begin(0, None)
    try:
        size, sha = writing.finish(0)
        entry = replace(new_entry(asked, is_folder=False), size=size, sha=sha, bytes=writing.name)
        asked.inbox.keep(entry, taking=False)
    except BaseException:
        writing.discard()
        raise


def _held(asked: Asked) -> Lock:
    named = {c.token for one in asked.lists for c in one.conditions}
    for standing in asked.locks.on(asked.owner, asked.path):
        if standing.token in named:
            return standing
    raise DavRefusal(412, "There is no such lock to refresh")


def _timeout(header: str) -> int:
    asked = re.search(r"Second-([0-9]{1,10})", header)
    return min(int(asked[1]), LONGEST) if asked else LONGEST
