"""Counting: findings -> record subjects, their keys, the count ladder R0 to R6, persons, conflicts.

The steps and units are described in ``docs/counting.md``.
"""
