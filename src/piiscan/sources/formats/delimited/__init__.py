"""Delimited text (CSV and the like) and plain text."""
