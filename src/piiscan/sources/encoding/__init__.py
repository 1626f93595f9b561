"""Encodings: detection, decoding to UTF-8, and the way back to byte offsets."""
