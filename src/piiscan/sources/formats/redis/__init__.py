"""Redis: snapshots (RDB) and command files (AOF)."""
