"""Tables built from one block: findings, records, row digests, conflicts, transactions."""
