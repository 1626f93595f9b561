"""Candidates of a chunk: all places that a recognizer matches, before any judgement."""
