"""Models: one family a file, loaded late, offline only."""
