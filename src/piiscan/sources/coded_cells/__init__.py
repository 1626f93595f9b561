"""Coded cells: find the cells that may be encoded (base64, hex, escapes) or mojibake."""
