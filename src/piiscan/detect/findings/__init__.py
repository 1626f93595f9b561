"""Findings as Python objects, for callers of few texts."""
