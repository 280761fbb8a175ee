"""The data that Flickr hands out: zips of photos, and a zip of JSON that speaks of them."""

from albums.sources.flickr.kind import Flickr

__all__ = ["Flickr"]
