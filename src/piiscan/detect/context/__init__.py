"""Context of candidates: context words, roles, surroundings, lists of credentials."""
