"""Redaction of office files: workbooks and Word documents, part by part."""
