"""Forms: sheets that people fill in and return; their columns, writer and reader.

Forms are written as workbooks of text only.  They are read as xlsx, ods, xls or CSV, whatever a
spreadsheet program has changed in them.
"""
