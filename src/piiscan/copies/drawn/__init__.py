"""Masked copies of pictures and PDF documents: each finding is covered."""
