"""`python -m albums` is the same as `albums`."""

from albums.cli import main

main()
