"""Comparison: two counts, a count and an earlier list or figures, and persons in several cases."""
