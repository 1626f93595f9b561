"""Bytes to blocks of text: files, archives, tables, sheets; knows nothing of what is looked for."""
