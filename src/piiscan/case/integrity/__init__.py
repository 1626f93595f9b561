"""Integrity: verification of a case against its manifests, and sealing."""
