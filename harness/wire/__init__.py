"""Bytes to frozen messages and back, with no I/O: the wire that harness and venue both speak."""
