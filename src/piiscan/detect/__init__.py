"""Text to findings: the catalogue and the one engine that runs it."""
