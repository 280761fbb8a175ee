"""The bytes: originals, their sidecars, and the pictures derived from them."""
