"""Leaving: the tree, the sidecars and the check."""
