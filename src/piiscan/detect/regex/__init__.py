"""Users' regular expressions: parsed, checked against backtracking, prefiltered, matched."""
