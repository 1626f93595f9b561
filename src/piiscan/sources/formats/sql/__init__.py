"""SQL dumps of any dialect: rows of INSERT and COPY statements, and the text between them."""
