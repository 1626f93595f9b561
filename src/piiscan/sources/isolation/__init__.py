"""Isolated formats: each is opened by a worker process of its own."""
