"""Scoring: the score of each candidate, and the winner among overlapping ones."""
