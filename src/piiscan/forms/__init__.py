"""Sheets that people fill in and give back: what they have (form), written, and read again.

They are written as workbooks of text only and come back as xlsx, ods, xls or CSV, after whatever
a spreadsheet program did to them.
"""
