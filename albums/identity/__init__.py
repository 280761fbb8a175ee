"""Who may come in, and that nothing goes out."""
