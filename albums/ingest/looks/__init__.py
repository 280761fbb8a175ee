"""What a picture looks like, and why: drawn from its names, its tags, its size, how it is drawn and
what is written on it. `judging.py` decides; the other files each know one sort of evidence."""

from albums.ingest.looks.judging import Evidence, looks_from

__all__ = ["Evidence", "looks_from"]
