"""XLSX workbook of a case."""
