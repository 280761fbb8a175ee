"""Whole Takeout exports made for tests and measurements, with the truth about every entry."""
