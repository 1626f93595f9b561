"""File formats, one package each."""
