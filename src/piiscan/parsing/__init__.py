"""Parsers for prices, times, file names and file sizes as people write them."""
