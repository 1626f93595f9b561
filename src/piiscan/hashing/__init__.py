"""Keyed digests of values and rows, and the key file."""
