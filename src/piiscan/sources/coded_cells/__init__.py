"""Coded cells: which cells may stand for other texts."""
