"""Tables block by block: the layout of their columns, and the findings in their cells."""
