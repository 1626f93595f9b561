"""The catalogue: recognizer files, vocabulary, watch lists, transaction terms, column headers."""
