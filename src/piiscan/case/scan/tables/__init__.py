"""Tables of a scan: each with its columns and the function that builds its rows."""
