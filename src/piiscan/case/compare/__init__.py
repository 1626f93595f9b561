"""Comparison: a count with another count, list or figures, and shared keys of several cases."""
