"""Self-contained pages, and the words and safe texts that they show."""
