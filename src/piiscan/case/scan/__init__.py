"""Scan: from input files to a finished case."""
