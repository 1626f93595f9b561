"""Merge of parts, or of cases made with one key, into one case."""
