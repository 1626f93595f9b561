"""Masks and pseudonyms of values."""
