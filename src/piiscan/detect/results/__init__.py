"""Results: resolved candidates as a FOUND table."""
