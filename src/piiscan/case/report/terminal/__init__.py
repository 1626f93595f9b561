"""The case as tables for the terminal."""
