"""Containers: kinds of zip and OLE files, and files inside OLE objects."""
