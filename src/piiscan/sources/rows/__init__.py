"""Rows and cells of UTF-8 text, shared by formats: delimiter, header, tokenizer, columns, blocks."""
