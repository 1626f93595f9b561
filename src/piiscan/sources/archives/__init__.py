"""Archives: members, names, passwords, gaps, and the options of reading them."""
