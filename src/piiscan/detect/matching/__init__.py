"""Matching: folding of texts to bytes, one automaton for all shapes, offsets of candidates."""
