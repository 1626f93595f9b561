"""Delimited and plain text."""
