"""Tables block by block: the layout of their columns, and the hits in their cells."""
