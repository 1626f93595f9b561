"""Verification by people: samples with exact bounds, or every record one by one (domain.md D.6).

What is counted is never changed by it: counts before and after stand side by side, a hit rate is
never carried over to what was not looked at, and records at lines that are to be verified one by
one are not sampled at all.
"""
