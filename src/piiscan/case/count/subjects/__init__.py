"""Record subjects: findings grouped into the persons of each record, with keys and exclusions."""
