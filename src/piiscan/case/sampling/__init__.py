"""Sampling and verification: samples with exact bounds, or a check of every record one by one.

Verification never changes a count. Reports show the count before and after the exclusions side by
side. A hit rate applies only to the records that were checked. Records that a policy wants verified
one by one are never sampled.
"""
