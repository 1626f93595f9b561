"""Word documents: templates with placeholders, and the statement with its annexes."""
