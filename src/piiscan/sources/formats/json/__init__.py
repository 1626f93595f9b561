"""JSON lines and JSON documents."""
