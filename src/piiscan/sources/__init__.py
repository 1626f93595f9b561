"""Sources: read files, archives, tables and sheets as blocks of text, without any detection."""
