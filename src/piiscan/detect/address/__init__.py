"""Addresses: a text in, its parts, its region, how far it reaches and a form to compare it by."""
