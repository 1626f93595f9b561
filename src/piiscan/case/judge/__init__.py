"""Judgements of people on single findings: false, overlooked, or right after all."""
