"""Access databases: pages, tables and rows of JET 3, JET 4 and ACE."""
