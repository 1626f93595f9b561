"""Name tagger: a small integer network that tags names, addresses and organisations in text."""
