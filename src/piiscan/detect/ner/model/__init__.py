"""Names, addresses and organisations in running text, by a small network of whole numbers."""
