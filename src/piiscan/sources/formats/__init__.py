"""File formats: delimited text, JSON, spreadsheets and SQL dumps, one package each."""
