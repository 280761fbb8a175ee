"""Keeps the library alive: health, verification, rebuilding, export."""
