"""Keeps the library alive: health, verification, backups, rebuilding, export."""
