"""Albums: a photo cloud for one person, on a box at home. Nothing ever leaves it."""

__version__ = "0.1.0"
