"""Export: the de-duplicated list of a count, rejected rows, clear values, the deletion list."""
