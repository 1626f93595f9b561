"""Parsers for prices, times and file names as people write them."""
