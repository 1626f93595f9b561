"""The case as one XLSX workbook."""
