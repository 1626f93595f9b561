"""Subjects of records: findings grouped into persons, their keys, and whether they count."""
