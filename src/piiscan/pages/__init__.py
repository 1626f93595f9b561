"""HTML and Markdown pages: wording, safe display texts, and self-contained pages."""
