"""WebDAV (RFC 4918, classes 1 and 2): an inbox to write into, and the library to look through."""
