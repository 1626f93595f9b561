"""Asking a finished case: where a value stands, what its list is, how it differs from another."""
