"""Masked copies of pictures and PDF documents: what is found on them is covered."""
