"""What we know, in one SQLite file. Files are the truth; this is the index over them."""
