"""Terminal tables of a case."""
