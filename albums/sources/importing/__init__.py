"""Bringing a whole export in: every entry of every part, understood, kept and proven."""
