"""The copy of iCloud Photos that privacy.apple.com hands out, and what Apple's Photos exports."""

from albums.sources.apple.kind import Apple

__all__ = ["Apple"]
