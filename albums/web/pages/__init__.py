"""HTML, one page a file."""
