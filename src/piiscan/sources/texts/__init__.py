"""Texts: strings of binary content, encoded cells, literals and mojibake."""
