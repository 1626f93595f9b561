"""Reports of a case: terminal tables, HTML page, XLSX workbook and Word statement."""
