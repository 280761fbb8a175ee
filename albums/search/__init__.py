"""The one way to read: every page, list and answer is a query."""
