"""Catalogue: recognizer files, vocabulary, watch lists, transaction terms, column headers."""
