"""Masked copies of evidence: read as a scan reads, written byte for byte but for what was found."""
