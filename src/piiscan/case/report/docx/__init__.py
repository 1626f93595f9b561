"""Word documents: templates with placeholders, and the statement (提取说明) with its annexes."""
