"""Copies of text files: places in their UTF-8 view, and the bytes they stand for."""
