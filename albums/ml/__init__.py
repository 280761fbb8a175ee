"""Models: one file each, loaded late, offline only."""
