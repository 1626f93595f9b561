"""The case as one self-contained HTML page, with charts and the flow graph."""
