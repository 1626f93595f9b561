"""Findings -> what is counted: records and whose they are, keys, the ladder, persons, doubts."""
