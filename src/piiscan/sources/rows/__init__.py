"""Rows and cells of UTF-8 text: delimiter, header row, tokenizer, column builder, record blocks."""
