"""Column survey: the columns of every kind of table, written to a workbook for correction."""
