"""How to open a file: what it is, what is written in it, and what it looks like."""
