"""Arithmetic shared by checks: digit columns, byte matrices, worked-out check steps."""
