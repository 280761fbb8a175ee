"""The inbox: a folder whose files are taken in by themselves and then removed from it.

Syncthing, a network share or a USB stick put files there. A file is taken once it is whole, copied
through the one door, and removed only when the library has read its own copy back from disk. What
cannot be taken stays, with the reason in a text file beside it.

Files are always copied, never moved or linked into the library: whoever still holds a file open
for writing could otherwise change an original.
"""

from __future__ import annotations

from albums.sources.inbox.inbox import Inbox, InboxReport

__all__ = ["Inbox", "InboxReport"]
