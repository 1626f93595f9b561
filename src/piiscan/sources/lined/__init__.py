"""Lined text: kinds of lines in running text, and records of several lines."""
