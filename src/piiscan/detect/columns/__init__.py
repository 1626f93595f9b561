"""Columns of a table: the kind of information in each one, from its header and cells."""
