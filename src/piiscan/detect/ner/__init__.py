"""Names, addresses and organisations in running text, by a small network and span rules."""
