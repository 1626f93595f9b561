"""Context of candidates: context words, roles, surrounding characters, lists of credentials."""
