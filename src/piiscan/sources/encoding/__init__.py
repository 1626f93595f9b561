"""Encodings: detection, decoding to UTF-8, and byte offsets in the original bytes."""
