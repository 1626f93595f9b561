"""Named entity recognition: names, addresses and organisations, by a small model and rules."""
