"""A Google Takeout: its archives, what belongs together in them, and the receipt."""
