"""Leaving with everything: originals as a tree that people read, with XMP sidecars, and checked."""
