"""A case as people read it: tables, terminal, one page."""
