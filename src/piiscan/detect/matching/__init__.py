"""Matching: text folded to bytes, one automaton for all shapes, candidates with offsets."""
