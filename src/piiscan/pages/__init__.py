"""HTML and Markdown pages: safe display texts, and self-contained pages."""
