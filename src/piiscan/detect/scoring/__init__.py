"""Scoring of candidates: the score of each one, and the winner among overlapping ones."""
