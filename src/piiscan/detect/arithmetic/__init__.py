"""Arithmetic of checks and attributes: digit columns, byte matrices, worked-out check steps."""
