"""Redaction of text files: findings located in a UTF-8 view, replaced in the original bytes."""
