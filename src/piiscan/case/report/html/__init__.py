"""HTML page of a case: one self-contained file with charts and the flow graph."""
