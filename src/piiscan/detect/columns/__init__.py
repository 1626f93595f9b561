"""Column types: the kind of information in each column of a table."""
