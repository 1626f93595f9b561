"""Redaction: copies of files and folders with their findings masked and all other bytes unchanged.

A scan reads the sources and then the copies; a copy with remaining findings is reported.
"""
